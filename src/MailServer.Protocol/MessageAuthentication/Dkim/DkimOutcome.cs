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

/// <summary>What came of one signature.</summary>
public sealed record DkimOutcome
{
    public required DkimResult Result { get; init; }

    /// <summary>Why; for people.</summary>
    public required string Reason { get; init; }

    /// <summary>d=; empty when the signature could not be read.</summary>
    public string Domain { get; init; } = "";

    /// <summary>s=</summary>
    public string Selector { get; init; } = "";

    /// <summary>a=</summary>
    public string Algorithm { get; init; } = "";

    /// <summary>The first characters of b=, to tell signatures apart (RFC 6008).</summary>
    public string SignatureStart { get; init; } = "";

    /// <summary>Bits of an RSA key; 0 when none was found.</summary>
    public int KeyBits { get; init; }

    /// <summary>The domain is testing (t=y).</summary>
    public bool IsTesting { get; init; }

    /// <summary>Octets of the body behind what l= covers: anyone may have added them.</summary>
    public long UnsignedOctets { get; init; }

    /// <summary>The names in h=.</summary>
    public IReadOnlyList<string> SignedNames { get; init; } = [];
}
