using System.Net;
using DnsClient;
using DnsClient.Protocol;
using MailServer.Domain;
using MailServer.Domain.Dns;
using TlsaRecord = MailServer.Domain.TransportSecurity.TlsaRecord;

namespace MailServer.Network.Dns;

/// <summary>DNS client that queries the configured servers (<c>dns.servers</c>) or those of the system, and caches answers for their TTL.</summary>
public sealed class Resolver : IResolver, IDnsLookup, IDnssecLookup
{
    // Fits into one packet on any network; longer answers use TCP.
    private const int UnfragmentedSize = 1_232;

    private readonly DnsClientSource _client;
    private readonly Limits _limits;

    /// <param name="servers">The servers to query; empty: those of the system.</param>
    /// <param name="limits">Bounds on time and size.</param>
    /// <param name="trusted">The servers validate DNSSEC and the path to them is secure (<c>dns.trust_ad</c>); servers on loopback are always trusted.</param>
    public Resolver(IReadOnlyList<IPEndPoint> servers, Limits? limits = null, bool trusted = false)
    {
        ArgumentNullException.ThrowIfNull(servers);
        _limits = limits ?? Limits.Default;
        _client = new DnsClientSource(servers, _limits, (options, areLocal) =>
        {
            options.UseCache = true;
            // The DO bit also requests the AD bit (RFC 6840 §5.7).
            options.RequestDnsSecRecords = trusted || areLocal;
            options.ExtendedDnsBufferSize = UnfragmentedSize;
        });
        IsTrusted = trusted || _client.AreServersLocal;
    }

    public bool IsTrusted { get; }

    /// <summary>Parses <c>ip[:port]</c>, <c>[ip6]:port</c> or a bare IPv6 address; the default port is 53.</summary>
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
        if (IPAddress.TryParse(host.AsSpan().Trim("[]"), out var literal)) return new DnsAnswer<IPAddress>.RecordsFound([literal]);
        // RFC 6761 §6.3: never sent to a DNS server.
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return new DnsAnswer<IPAddress>.RecordsFound([IPAddress.Loopback, IPAddress.IPv6Loopback]);
        var six = LookupIPv6Async(host, cancellationToken);
        var four = LookupIPv4Async(host, cancellationToken);
        return Join(await four, await six);
    }

    public Task<DnsAnswer<IPAddress>> LookupIPv4Async(string name, CancellationToken cancel) =>
        AskAsync(name, QueryType.A, static (ARecord record) => record.Address, cancel);

    public Task<DnsAnswer<IPAddress>> LookupIPv6Async(string name, CancellationToken cancel) =>
        AskAsync(name, QueryType.AAAA, static (AaaaRecord record) => record.Address, cancel);

    public Task<DnsAnswer<MailExchange>> LookupMxAsync(string name, CancellationToken cancel) =>
        AskAsync(name, QueryType.MX, static (MxRecord record) => new MailExchange(record.Preference, WithoutDot(record.Exchange)), cancel);

    public Task<DnsAnswer<string>> LookupTxtAsync(string name, CancellationToken cancel) =>
        AskAsync(name, QueryType.TXT, static (TxtRecord record) => TextRecord.Join(record), cancel);

    public Task<DnsAnswer<string>> LookupPtrAsync(IPAddress address, CancellationToken cancel) =>
        AskAsync(address.GetArpaName(), QueryType.PTR, static (PtrRecord record) => WithoutDot(record.PtrDomainName), cancel);

    public Task<DnsAnswer<TlsaRecord>> LookupTlsaAsync(string name, CancellationToken cancel) => AskAsync(
        name, QueryType.TLSA, static (DnsClient.Protocol.TlsaRecord r) => new TlsaRecord((byte)r.CertificateUsage, (byte)r.Selector, (byte)r.MatchingType, r.CertificateAssociationData.ToArray()), cancel);

    public Task<DnsAnswer<string>> LookupCnameAsync(string name, CancellationToken cancel) =>
        AskAsync(name, QueryType.CNAME, static (CNameRecord record) => WithoutDot(record.CanonicalName), cancel);

    /// <summary>A failure for one address family does not hide the other's addresses, but "none" requires both answers.</summary>
    private static DnsAnswer<IPAddress> Join(DnsAnswer<IPAddress> four, DnsAnswer<IPAddress> six) => (four, six) switch
    {
        (DnsAnswer<IPAddress>.RecordsFound a, DnsAnswer<IPAddress>.RecordsFound b) =>
            new DnsAnswer<IPAddress>.RecordsFound([.. a.Values, .. b.Values]) { IsSecure = a.IsSecure && b.IsSecure, CanonicalName = a.CanonicalName },
        (DnsAnswer<IPAddress>.RecordsFound, _) => four,
        (_, DnsAnswer<IPAddress>.RecordsFound) => six,
        (DnsAnswer<IPAddress>.TemporaryFailure, _) => four,
        _ => six,
    };

    private static string WithoutDot(DnsString name) => name.Value.TrimEnd('.');

    private async Task<DnsAnswer<T>> AskAsync<TRecord, T>(string name, QueryType type, Func<TRecord, T> value, CancellationToken cancel)
        where TRecord : DnsResourceRecord
    {
        if (!TryMakeQuestion(name, type, out var question)) return new DnsAnswer<T>.NoRecords(NameExists: false);
        if (_client.Find() is not { } client) return new DnsAnswer<T>.TemporaryFailure(DnsClientSource.NoServer);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(_limits.DnsQueryTimeout);
        try
        {
            var response = await client.QueryAsync(question, late.Token);
            return response.Header.ResponseCode switch
            {
                DnsHeaderResponseCode.NotExistentDomain => new DnsAnswer<T>.NoRecords(NameExists: false),
                DnsHeaderResponseCode.NoError => Read(response, value),
                var code => new DnsAnswer<T>.TemporaryFailure($"{name} {type}: {code}"),
            };
        }
        catch (DnsResponseException e)
        {
            cancel.ThrowIfCancellationRequested();
            return new DnsAnswer<T>.TemporaryFailure($"{name} {type}: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new DnsAnswer<T>.TemporaryFailure($"{name} {type}: no answer in time");
        }
    }

    private DnsAnswer<T> Read<TRecord, T>(IDnsQueryResponse response, Func<TRecord, T> value) where TRecord : DnsResourceRecord
    {
        var values = response.Answers.OfType<TRecord>().Take(_limits.DnsRecords).Select(value).ToArray();
        if (values.Length == 0) return new DnsAnswer<T>.NoRecords(NameExists: true);
        var owner = WithoutDot(response.Answers.OfType<TRecord>().First().DomainName);
        var asked = WithoutDot(response.Questions[0].QueryName);
        return new DnsAnswer<T>.RecordsFound(values)
        {
            IsSecure = IsTrusted && response.Header.IsAuthenticData,
            CanonicalName = owner.Equals(asked, StringComparison.OrdinalIgnoreCase) ? null : owner,
        };
    }

    private static bool TryMakeQuestion(string name, QueryType type, out DnsQuestion question)
    {
        try
        {
            question = new DnsQuestion(name, type);
            return !(name.Length == 0 || name.StartsWith('.') || name.Contains("..", StringComparison.Ordinal));
        }
        catch (ArgumentException)
        {
            question = new DnsQuestion(".", type);
            return false;
        }
    }
}
