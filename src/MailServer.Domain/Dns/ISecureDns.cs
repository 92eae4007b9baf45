using MailServer.Domain.TransportSecurity;

namespace MailServer.Domain.Dns;

/// <summary>What DANE asks of DNS (RFC 7672): TLSA records, and answers of which it is known whether DNSSEC vouches for them.</summary>
public interface ISecureDns
{
    /// <summary>
    /// The resolver's word that it has validated an answer reaches us unforged: it runs on this machine, or the configuration says so.
    /// Otherwise no answer is secure, and DANE is not possible.
    /// </summary>
    bool IsTrusted { get; }

    /// <summary>A and AAAA records; <see cref="DnsAnswer{T}.Found.IsSecure"/> when all of them are.</summary>
    Task<DnsAnswer<System.Net.IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken);

    /// <summary>TLSA records.</summary>
    Task<DnsAnswer<TlsaRecord>> TlsaAsync(string name, CancellationToken cancel);

    /// <summary>The CNAME record of a name itself.</summary>
    Task<DnsAnswer<string>> AliasAsync(string name, CancellationToken cancel);
}
