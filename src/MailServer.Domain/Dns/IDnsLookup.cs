using System.Net;

namespace MailServer.Domain.Dns;

/// <summary>
/// Looks up DNS records. Queries are bounded in time and in the number of records. An invalid name (an empty or too
/// long label) is treated as non-existent. Names are ASCII, with or without a trailing dot; names in answers have none.
/// </summary>
public interface IDnsLookup
{
    /// <summary>Looks up A records.</summary>
    Task<DnsAnswer<IPAddress>> LookupIPv4Async(string name, CancellationToken cancel);

    /// <summary>Looks up AAAA records.</summary>
    Task<DnsAnswer<IPAddress>> LookupIPv6Async(string name, CancellationToken cancel);

    /// <summary>Looks up MX records, in the order of the answer.</summary>
    Task<DnsAnswer<MailExchange>> LookupMxAsync(string name, CancellationToken cancel);

    /// <summary>Looks up TXT records. The strings of each record are concatenated, one <see cref="char"/> per octet.</summary>
    Task<DnsAnswer<string>> LookupTxtAsync(string name, CancellationToken cancel);

    /// <summary>Looks up the PTR records of an address.</summary>
    Task<DnsAnswer<string>> LookupPtrAsync(IPAddress address, CancellationToken cancel);
}

/// <summary>An MX record. <paramref name="Host"/> is empty if the domain accepts no mail (null MX, RFC 7505).</summary>
public readonly record struct MailExchange(int Preference, string Host)
{
    public bool IsNull => Host.Length == 0;
}
