using System.Net;

namespace MailServer.Network.Dns;

/// <summary>What DNS said.</summary>
/// <typeparam name="T">A record's value.</typeparam>
public abstract record DnsAnswer<T>
{
    private DnsAnswer() { }

    public sealed record Found(IReadOnlyList<T> Values) : DnsAnswer<T>;

    /// <summary>The name does not exist, or has no such records. Final.</summary>
    public sealed record None : DnsAnswer<T>;

    /// <summary>Nobody answered, or with a failure: ask again later.</summary>
    public sealed record TemporaryFailure(string Reason) : DnsAnswer<T>;
}

/// <summary>Asks DNS.</summary>
public interface IResolver
{
    /// <summary>The addresses of a host, IPv6 and IPv4. An address as text is its own answer.</summary>
    Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken);
}
