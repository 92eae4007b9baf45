namespace MailServer.Domain.Access;

/// <summary>The shared secret of time-based codes (RFC 6238), and the last step whose code was used.</summary>
public sealed record TotpSecret(ReadOnlyMemory<byte> Key, long LastStep)
{
    /// <summary>Never the key: this may reach a log.</summary>
    public override string ToString() => nameof(TotpSecret);
}
