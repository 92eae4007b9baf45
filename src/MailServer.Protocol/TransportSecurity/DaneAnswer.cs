using MailServer.Domain.TransportSecurity;

namespace MailServer.Protocol.TransportSecurity;

/// <summary>What DNS says of a host's certificate.</summary>
public abstract record DaneAnswer
{
    private DaneAnswer() { }

    /// <summary>DANE does not apply to the host.</summary>
    public sealed record NotUsed(string Reason) : DaneAnswer;

    /// <summary>The host's TLSA records, none of them missing: they are to be kept to.</summary>
    /// <param name="Name">The name of the host that they belong to, CNAMEs followed: the TLSA base domain (RFC 7672 §2.2.2).</param>
    /// <param name="Records">All of them, usable or not.</param>
    public sealed record Found(string Name, IReadOnlyList<TlsaRecord> Records) : DaneAnswer;

    /// <summary>Whether there are any cannot be said now: the host must not be used (RFC 7672 §2.1.2).</summary>
    public sealed record Failed(string Reason) : DaneAnswer;
}
