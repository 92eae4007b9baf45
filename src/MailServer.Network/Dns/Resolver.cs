using System.Net;
using DnsClient;
using DnsClient.Protocol;

namespace MailServer.Network.Dns;

/// <summary>An <see cref="IResolver"/> over the configured servers (<c>dns.servers</c>), or those of the system when none are; answers are kept as long as their TTL.</summary>
public sealed class Resolver : IResolver
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private readonly LookupClient _client;

    public Resolver(IReadOnlyList<IPEndPoint> servers)
    {
        ArgumentNullException.ThrowIfNull(servers);
        var options = servers.Count == 0 ? new LookupClientOptions() : new LookupClientOptions([.. servers]);
        options.Timeout = Timeout;
        options.Retries = 1;
        options.UseCache = true;
        options.ThrowDnsErrors = false;
        options.ContinueOnDnsError = false;
        _client = new LookupClient(options);
    }

    /// <summary>Reads <c>ip[:port]</c>, <c>[ip6]:port</c> or a bare IPv6 address; port 53 unless said.</summary>
    public static bool TryParseServer(string text, out IPEndPoint server)
    {
        const int DomainPort = 53;
        var isServer = IPEndPoint.TryParse(text, out var parsed);
        server = parsed ?? new IPEndPoint(IPAddress.None, DomainPort);
        if (server.Port == 0) server.Port = DomainPort;
        return isServer;
    }

    public async Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (IPAddress.TryParse(host.AsSpan().Trim("[]"), out var literal)) return new DnsAnswer<IPAddress>.Found([literal]);
        // RFC 6761 §6.3: never asked of a server.
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return new DnsAnswer<IPAddress>.Found([IPAddress.Loopback, IPAddress.IPv6Loopback]);
        var six = QueryAsync(host, QueryType.AAAA, cancellationToken);
        var four = QueryAsync(host, QueryType.A, cancellationToken);
        return Join(await four, await six);
    }

    /// <summary>One family's failure does not hide what the other found; but "none" is said only when both said it.</summary>
    private static DnsAnswer<IPAddress> Join(DnsAnswer<IPAddress> four, DnsAnswer<IPAddress> six) => (four, six) switch
    {
        (DnsAnswer<IPAddress>.Found a, DnsAnswer<IPAddress>.Found b) => new DnsAnswer<IPAddress>.Found([.. a.Values, .. b.Values]),
        (DnsAnswer<IPAddress>.Found, _) => four,
        (_, DnsAnswer<IPAddress>.Found) => six,
        (DnsAnswer<IPAddress>.TemporaryFailure, _) => four,
        _ => six,
    };

    private async Task<DnsAnswer<IPAddress>> QueryAsync(string host, QueryType type, CancellationToken cancellationToken)
    {
        try
        {
            var response = await _client.QueryAsync(host, type, QueryClass.IN, cancellationToken);
            if (response.Header.ResponseCode is not (DnsHeaderResponseCode.NoError or DnsHeaderResponseCode.NotExistentDomain))
            {
                return new DnsAnswer<IPAddress>.TemporaryFailure($"{host}: {response.Header.ResponseCode}");
            }

            var addresses = response.Answers.OfType<AddressRecord>().Select(record => record.Address).ToArray();
            return addresses.Length > 0 ? new DnsAnswer<IPAddress>.Found(addresses) : new DnsAnswer<IPAddress>.None();
        }
        catch (DnsResponseException e)
        {
            return new DnsAnswer<IPAddress>.TemporaryFailure($"{host}: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new DnsAnswer<IPAddress>.TemporaryFailure($"{host}: no answer in time");
        }
    }
}
