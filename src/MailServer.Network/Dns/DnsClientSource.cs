using System.Net;
using DnsClient;
using MailServer.Domain;

namespace MailServer.Network.Dns;

/// <summary>
/// Creates a DNS client for the configured servers, or for those of the system. A machine may have none yet when the server starts, so the client is created
/// by the first query that finds one.
/// </summary>
/// <param name="servers">The servers to query; empty: those of the system.</param>
/// <param name="limits">Bounds on time.</param>
/// <param name="configure">Changes the options of the client. The argument is whether all servers are on loopback.</param>
internal sealed class DnsClientSource(IReadOnlyList<IPEndPoint> servers, Limits limits, Action<LookupClientOptions, bool> configure)
{
    /// <summary>The reason of a failed query while no server is known.</summary>
    public const string NoServer = "no DNS server is known; name one in /etc/resolv.conf or in dns.servers";

    private volatile LookupClient? _client;

    /// <summary>Whether all known servers are on loopback.</summary>
    public bool AreServersLocal => AreLocal(Servers());

    /// <summary>The client; null while no server is known.</summary>
    public LookupClient? Find()
    {
        if (_client is { } known) return known;
        var found = Servers();
        if (found.Count == 0) return null;
        // Without servers of its own the client follows later changes of the system's.
        var options = servers.Count == 0 ? new LookupClientOptions() : new LookupClientOptions([.. servers]);
        options.Timeout = limits.DnsServerTimeout;
        options.Retries = 1;
        options.ThrowDnsErrors = false;
        options.ContinueOnDnsError = false;
        configure(options, AreLocal(found));
        return _client = new LookupClient(options);
    }

    private IReadOnlyList<IPEndPoint> Servers() => servers.Count > 0 ? servers : SystemServers();

    private static IReadOnlyList<IPEndPoint> SystemServers()
    {
        try
        {
            // By default the library would use public servers of a third party instead.
            return [.. NameServer.ResolveNameServers(skipIPv6SiteLocal: true, fallbackToGooglePublicDns: false).Select(static s => new IPEndPoint(IPAddress.Parse(s.Address), s.Port))];
        }
        catch (Exception e) when (e is AggregateException or InvalidOperationException or IOException or UnauthorizedAccessException or FormatException)
        {
            // /etc/resolv.conf is missing, unreadable or damaged.
            return [];
        }
    }

    private static bool AreLocal(IReadOnlyList<IPEndPoint> endPoints) => endPoints.Count > 0 && endPoints.All(static s => IPAddress.IsLoopback(s.Address));
}
