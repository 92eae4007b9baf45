using System.Net;
using MailServer.Domain.Dns;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Protocol.TransportSecurity;

/// <summary>
/// Finds the TLSA records of a mail exchanger (RFC 7672 §2.2). The query is only sent when DNSSEC secures both the MX record and the host's
/// addresses: in an unsigned zone the answer would be worthless, and some servers never answer such queries.
/// </summary>
public sealed class DaneLookup(ISecureDns dns)
{
    private static readonly DaneAnswer.NotUsed NotTrusted = new("the resolver is not trusted to validate DNSSEC (dns.trust_ad)");
    private static readonly DaneAnswer.NotUsed InsecureExchange = new("the MX record is not secured by DNSSEC");

    /// <summary>Whether the resolver's DNSSEC validation is trusted, without which DANE is not possible.</summary>
    public bool IsPossible => dns.IsTrusted;

    /// <param name="host">The mail exchanger.</param>
    /// <param name="port">The port of the connection.</param>
    /// <param name="exchangeIsSecure">Whether DNSSEC secures the MX record, or its absence.</param>
    /// <param name="cancel">Cancels the lookup.</param>
    public async Task<DaneAnswer> FindAsync(string host, int port, bool exchangeIsSecure, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (!dns.IsTrusted) return NotTrusted;
        if (!exchangeIsSecure) return InsecureExchange;
        if (IPAddress.TryParse(host, out _)) return new DaneAnswer.NotUsed("the destination is an IP address");
        switch (await dns.AddressesAsync(host, cancel))
        {
            case DnsAnswer<IPAddress>.TemporaryFailure failure:
                return new DaneAnswer.Failed(failure.Reason);
            case DnsAnswer<IPAddress>.Found { IsSecure: true, CanonicalName: var canonical }:
                return await AskAsync(canonical is null ? [host] : [canonical, host], port, cancel);
            // The alias may be in a signed zone even if its target is not.
            case DnsAnswer<IPAddress>.Found { CanonicalName: not null } when await dns.AliasAsync(host, cancel) is DnsAnswer<string>.Found { IsSecure: true }:
                return await AskAsync([host], port, cancel);
            case DnsAnswer<IPAddress>.Found:
                return new DaneAnswer.NotUsed($"the addresses of {host} are not secured by DNSSEC");
            default:
                return new DaneAnswer.NotUsed($"{host} has no address");
        }
    }

    private async Task<DaneAnswer> AskAsync(IReadOnlyList<string> names, int port, CancellationToken cancel)
    {
        foreach (var name in names)
        {
            var question = TlsaRecord.NameFor(name, port);
            switch (await dns.TlsaAsync(question, cancel))
            {
                case DnsAnswer<TlsaRecord>.Found { IsSecure: true } found:
                    return new DaneAnswer.Found(name, found.Values);
                case DnsAnswer<TlsaRecord>.TemporaryFailure failure:
                    return new DaneAnswer.Failed(failure.Reason);
            }
        }

        return new DaneAnswer.NotUsed($"{TlsaRecord.NameFor(names[^1], port)}: no secure TLSA record");
    }
}
