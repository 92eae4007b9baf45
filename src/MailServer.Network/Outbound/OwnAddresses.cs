using System.Collections.Concurrent;
using System.Net;
using System.Net.NetworkInformation;
using MailServer.Domain.Dns;
using MailServer.Network.Dns;

namespace MailServer.Network.Outbound;

/// <summary>
/// The addresses of this machine's network interfaces, and the DNS addresses of the server's names: behind NAT or in a container no interface has the
/// public address. Both are refreshed after a minute; while DNS fails, the last answer is used.
/// </summary>
/// <param name="resolver">Resolves the server's names.</param>
/// <param name="names">Host names of this server.</param>
/// <param name="time">The clock.</param>
public sealed class OwnAddresses(IResolver resolver, IReadOnlyList<string> names, TimeProvider time) : IOwnAddresses
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, IReadOnlyList<IPAddress>> _named = new(StringComparer.OrdinalIgnoreCase);
    private volatile Known? _known;

    public async ValueTask<IReadOnlySet<IPAddress>> GetAsync(CancellationToken cancel)
    {
        if (_known is { } known && time.GetElapsedTime(known.At) < Fresh) return known.Addresses;
        // Concurrent callers both refresh: that costs an extra DNS query, and no caller waits for another.
        foreach (var name in names)
        {
            if (await resolver.AddressesAsync(name, cancel) is DnsAnswer<IPAddress>.RecordsFound found) _named[name] = found.Values;
        }

        var addresses = OnInterfaces().Concat(_named.Values.SelectMany(static a => a)).SelectMany(SpecialAddresses.EmbeddedAddresses).ToHashSet();
        _known = new Known(addresses, time.GetTimestamp());
        return addresses;
    }

    private static IEnumerable<IPAddress> OnInterfaces() =>
        NetworkInterface.GetAllNetworkInterfaces().SelectMany(static i => i.GetIPProperties().UnicastAddresses).Select(static a => a.Address);

    private sealed record Known(IReadOnlySet<IPAddress> Addresses, long At);
}
