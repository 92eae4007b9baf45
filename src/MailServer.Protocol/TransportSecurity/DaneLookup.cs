using System.Net;
using MailServer.Domain.Dns;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Protocol.TransportSecurity;

/// <summary>
/// Finds the TLSA records of a mail exchanger (RFC 7672 §2.2). The query is only sent when DNSSEC secures both the MX record and the host's
/// addresses: in an unsigned zone the answer would be worthless, and some servers never answer such queries.
/// </summary>
public sealed class DaneLookup(IDnssecLookup dns)
{
    private static readonly DaneLookupResult.NotApplicable NotTrusted = new("the resolver is not trusted to validate DNSSEC (dns.trust_ad)");
    private static readonly DaneLookupResult.NotApplicable InsecureExchange = new("the MX record is not secured by DNSSEC");

    /// <summary>Whether the resolver's DNSSEC validation is trusted, without which DANE is not possible.</summary>
    public bool IsPossible => dns.IsTrusted;

    /// <param name="host">The mail exchanger.</param>
    /// <param name="port">The port of the connection.</param>
    /// <param name="exchangeIsSecure">Whether DNSSEC secures the MX record, or its absence.</param>
    /// <param name="cancel">Cancels the lookup.</param>
    public async Task<DaneLookupResult> FindAsync(string host, int port, bool exchangeIsSecure, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (!dns.IsTrusted) return NotTrusted;
        if (!exchangeIsSecure) return InsecureExchange;
        if (IPAddress.TryParse(host, out _)) return new DaneLookupResult.NotApplicable("the destination is an IP address");
        switch (await dns.AddressesAsync(host, cancel))
        {
            case DnsAnswer<IPAddress>.TemporaryFailure failure:
                return new DaneLookupResult.LookupFailed(failure.Reason);
            case DnsAnswer<IPAddress>.RecordsFound { IsSecure: true, CanonicalName: var canonical }:
                return await LookUpRecordsAsync(canonical is null ? [host] : [canonical, host], port, cancel);
            // The alias may be in a signed zone even if its target is not.
            case DnsAnswer<IPAddress>.RecordsFound { CanonicalName: not null } when await dns.LookupCnameAsync(host, cancel) is DnsAnswer<string>.RecordsFound { IsSecure: true }:
                return await LookUpRecordsAsync([host], port, cancel);
            case DnsAnswer<IPAddress>.RecordsFound:
                return new DaneLookupResult.NotApplicable($"the addresses of {host} are not secured by DNSSEC");
            default:
                return new DaneLookupResult.NotApplicable($"{host} has no address");
        }
    }

    private async Task<DaneLookupResult> LookUpRecordsAsync(IReadOnlyList<string> names, int port, CancellationToken cancel)
    {
        foreach (var name in names)
        {
            var question = TlsaRecord.NameFor(name, port);
            switch (await dns.LookupTlsaAsync(question, cancel))
            {
                case DnsAnswer<TlsaRecord>.RecordsFound { IsSecure: true } found:
                    return new DaneLookupResult.RecordsFound(name, found.Values);
                case DnsAnswer<TlsaRecord>.TemporaryFailure failure:
                    return new DaneLookupResult.LookupFailed(failure.Reason);
            }
        }

        return new DaneLookupResult.NotApplicable($"{TlsaRecord.NameFor(names[^1], port)}: no secure TLSA record");
    }
}
