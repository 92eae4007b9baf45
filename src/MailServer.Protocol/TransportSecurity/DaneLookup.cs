using System.Net;
using MailServer.Domain.Dns;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Protocol.TransportSecurity;

/// <summary>
/// Finds the TLSA records of a mail exchanger (RFC 7672 §2.2). They are asked for only where DNSSEC vouches for everything on the way: the MX record and the
/// addresses of the host. In a zone that is not signed the question would tell nothing, and servers are known that never answer it.
/// </summary>
public sealed class DaneLookup(ISecureDns dns)
{
    private static readonly DaneAnswer.NotUsed NotTrusted = new("the resolver is not trusted to validate DNSSEC (dns.trust_ad)");
    private static readonly DaneAnswer.NotUsed InsecureExchange = new("the MX record is not secured by DNSSEC");

    /// <summary>DANE is possible at all.</summary>
    public bool IsPossible => dns.IsTrusted;

    /// <param name="host">The mail exchanger.</param>
    /// <param name="port">The port of the connection.</param>
    /// <param name="exchangeIsSecure">DNSSEC vouches for the MX record, or for there being none.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<DaneAnswer> FindAsync(string host, int port, bool exchangeIsSecure, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (!dns.IsTrusted) return NotTrusted;
        if (!exchangeIsSecure) return InsecureExchange;
        if (IPAddress.TryParse(host, out _)) return new DaneAnswer.NotUsed("the destination is an address");
        switch (await dns.AddressesAsync(host, cancel))
        {
            case DnsAnswer<IPAddress>.TemporaryFailure failure:
                return new DaneAnswer.Failed(failure.Reason);
            case DnsAnswer<IPAddress>.Found { IsSecure: true, CanonicalName: var canonical }:
                return await AskAsync(canonical is null ? [host] : [canonical, host], port, cancel);
            // The alias may be signed where its target is not.
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
