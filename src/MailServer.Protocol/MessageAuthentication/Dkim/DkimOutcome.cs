namespace MailServer.Protocol.MessageAuthentication.Dkim;

/// <summary>The results of RFC 8601 §2.7.1.</summary>
public enum DkimResult
{
    None,
    Pass,
    Fail,
    Policy,
    Neutral,
    TempError,
    PermError,
}

/// <summary>The outcome of verifying one signature.</summary>
public sealed record DkimOutcome
{
    public required DkimResult Result { get; init; }

    /// <summary>A human-readable reason.</summary>
    public required string Reason { get; init; }

    /// <summary>d=; empty when the signature could not be parsed.</summary>
    public string Domain { get; init; } = "";

    /// <summary>s=</summary>
    public string Selector { get; init; } = "";

    /// <summary>a=</summary>
    public string Algorithm { get; init; } = "";

    /// <summary>The first characters of b=, which distinguish signatures (RFC 6008).</summary>
    public string SignatureStart { get; init; } = "";

    /// <summary>The size of an RSA key in bits; 0 when no key was found.</summary>
    public int KeyBits { get; init; }

    /// <summary>The domain is testing DKIM (t=y).</summary>
    public bool IsTesting { get; init; }

    /// <summary>The number of body octets beyond the limit l=. Anyone may have added them.</summary>
    public long UnsignedOctets { get; init; }

    /// <summary>The field names in h=.</summary>
    public IReadOnlyList<string> SignedNames { get; init; } = [];
}
