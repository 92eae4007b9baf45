using MailServer.Domain.TransportSecurity;

namespace MailServer.Domain.Dns;

/// <summary>DNS lookups for DANE (RFC 7672): TLSA records, and answers with their DNSSEC status.</summary>
public interface IDnssecLookup
{
    /// <summary>
    /// True if the resolver's AD bit can be trusted: it runs on this machine, or the configuration
    /// declares it trusted. Otherwise no answer counts as secure, and DANE is unavailable.
    /// </summary>
    bool IsTrusted { get; }

    /// <summary>Looks up A and AAAA records; <see cref="DnsAnswer{T}.RecordsFound.IsSecure"/> is true if all of them are secure.</summary>
    Task<DnsAnswer<System.Net.IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken);

    /// <summary>Looks up TLSA records.</summary>
    Task<DnsAnswer<TlsaRecord>> LookupTlsaAsync(string name, CancellationToken cancel);

    /// <summary>Looks up the CNAME record of the name itself, without following it.</summary>
    Task<DnsAnswer<string>> LookupCnameAsync(string name, CancellationToken cancel);
}
