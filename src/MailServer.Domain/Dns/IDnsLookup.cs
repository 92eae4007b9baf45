using System.Net;

namespace MailServer.Domain.Dns;

/// <summary>
/// Asks DNS for the records of a name. Bounded in time and in the records of an answer; a name that cannot be one (empty or
/// too long labels) does not exist. Names are ASCII, with or without the last dot; those in answers come without it.
/// </summary>
public interface IDnsLookup
{
    /// <summary>A records.</summary>
    Task<DnsAnswer<IPAddress>> Ip4Async(string name, CancellationToken cancel);

    /// <summary>AAAA records.</summary>
    Task<DnsAnswer<IPAddress>> Ip6Async(string name, CancellationToken cancel);

    /// <summary>MX records in the order of the answer.</summary>
    Task<DnsAnswer<MailExchange>> MailExchangesAsync(string name, CancellationToken cancel);

    /// <summary>TXT records: the strings of each joined, one <see cref="char"/> an octet.</summary>
    Task<DnsAnswer<string>> TextsAsync(string name, CancellationToken cancel);

    /// <summary>PTR records of an address.</summary>
    Task<DnsAnswer<string>> HostNamesAsync(IPAddress address, CancellationToken cancel);
}

/// <summary>An MX record: <paramref name="Host"/> is empty when the domain takes no mail (null MX, RFC 7505).</summary>
public readonly record struct MailExchange(int Preference, string Host)
{
    public bool IsNull => Host.Length == 0;
}
