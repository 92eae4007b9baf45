namespace MailServer.Domain.Access;

/// <summary>Shared secret for time-based one-time codes (RFC 6238) and the time step of the last accepted code.</summary>
public sealed record TotpSecret(ReadOnlyMemory<byte> Key, long LastStep)
{
    /// <summary>Omits the key, because the text may reach a log.</summary>
    public override string ToString() => nameof(TotpSecret);
}
