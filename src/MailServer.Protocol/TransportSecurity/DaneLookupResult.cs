using MailServer.Domain.TransportSecurity;

namespace MailServer.Protocol.TransportSecurity;

/// <summary>The result of looking up a host's TLSA records.</summary>
public abstract record DaneLookupResult
{
    private DaneLookupResult() { }

    /// <summary>DANE does not apply to the host.</summary>
    public sealed record NotApplicable(string Reason) : DaneLookupResult;

    /// <summary>The host has TLSA records, and its certificate must match them.</summary>
    /// <param name="Name">The TLSA base domain: the host name after following CNAMEs (RFC 7672 §2.2.2).</param>
    /// <param name="Records">All records, usable or not.</param>
    public sealed record RecordsFound(string Name, IReadOnlyList<TlsaRecord> Records) : DaneLookupResult;

    /// <summary>The lookup failed, so the host must not be used now (RFC 7672 §2.1.2).</summary>
    public sealed record LookupFailed(string Reason) : DaneLookupResult;
}
