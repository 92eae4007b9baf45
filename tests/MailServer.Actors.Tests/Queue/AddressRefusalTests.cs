using System.Net;
using Akka.Actor;
using MailServer.Actors.Queue;
using MailServer.Domain;
using MailServer.Domain.Dns;
using MailServer.Network.Dns;
using MailServer.Network.Outbound;

namespace MailServer.Actors.Tests.Queue;

/// <summary>Every kind of address, as a literal and behind a name: the reply to the sender. Only allowed addresses are connected to.</summary>
public sealed class AddressRefusalTests : IDisposable
{
    private static readonly IPAddress Ours = IPAddress.Parse("198.41.0.4");

    private readonly QueueTestNode _node = new();

    public static TheoryData<string, AddressKind> Refused => new()
    {
        { "0.0.0.0", AddressKind.Unspecified },
        { "127.0.0.1", AddressKind.Loopback },
        { "169.254.169.254", AddressKind.LinkLocal },
        { "10.0.0.1", AddressKind.Private },
        { "100.64.0.1", AddressKind.Shared },
        { "192.0.2.1", AddressKind.Documentation },
        { "198.18.0.1", AddressKind.Benchmarking },
        { "224.0.0.1", AddressKind.Multicast },
        { "240.0.0.1", AddressKind.Reserved },
        { "198.41.0.4", AddressKind.Own },
        { "::", AddressKind.Unspecified },
        { "::1", AddressKind.Loopback },
        { "fe80::1", AddressKind.LinkLocal },
        { "fd00::1", AddressKind.Private },
        { "2001:db8::1", AddressKind.Documentation },
        { "2001:2::1", AddressKind.Benchmarking },
        { "ff02::1", AddressKind.Multicast },
        { "4000::1", AddressKind.Reserved },
        { "::ffff:127.0.0.1", AddressKind.Loopback },
        { "64:ff9b::10.0.0.1", AddressKind.Private },
        { "2002:c629:4::1", AddressKind.Own },
    };

    [Fact]
    public void Every_kind_of_address_except_public_has_a_test_case() =>
        Assert.Equal(Enum.GetValues<AddressKind>().Except([AddressKind.Public]), Refused.Select(static row => (AddressKind)row[1]).Distinct().Order());

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_host_with_a_non_public_address_is_refused_permanently(string address, AddressKind kind)
    {
        var literal = address.Contains(':', StringComparison.Ordinal) ? $"[ipv6:{address}]" : $"[{address}]";
        Assert.Equal(kind == AddressKind.Own ? (554, "5.4.6") : (550, "5.1.2"), await OpenAsync(literal, [IPAddress.Parse(address)]));
        Assert.Equal(kind == AddressKind.Own ? (554, "5.4.6") : (550, "5.4.4"), await OpenAsync("far.test", [IPAddress.Parse(address)]));
    }

    [Fact]
    public async Task A_name_that_resolves_differently_at_connection_time_is_refused() =>
        Assert.Equal((550, "5.4.4"), await OpenAsync("far.test", [IPAddress.Parse("192.33.4.12")], then: [IPAddress.Loopback]));

    public void Dispose() => _node.Dispose();

    private async Task<(int Code, string EnhancedCode)> OpenAsync(string domain, IReadOnlyList<IPAddress> addresses, IReadOnlyList<IPAddress>? then = null)
    {
        var world = new SingleExchangerDns(addresses);
        var plain = _node.Services(_node.OpenSpool(), ActorRefs.Nobody);
        var services = plain with
        {
            Options = plain.Options with { Relay = null, Port = 9, AddressRule = new AddressRule(new FixedOwnAddresses(), allowPrivate: false) },
            Dns = world,
            Connector = new OutboundConnector(world, Limits.Default, TimeProvider.System),
        };
        if (then is not null)
        {
            // Earlier lookups returned a harmless address.
            Assert.IsType<DnsAnswer<IPAddress>.RecordsFound>(await world.AddressesAsync("mx.far.test", CancellationToken.None));
            world.Addresses = then;
        }

        var opened = await new DestinationConnector(services, new Destination(domain, null)).ConnectAsync();
        Assert.Null(opened.Session);
        Assert.False(opened.Refusal!.IsTransient);
        return (opened.Refusal.Code, opened.Refusal.EnhancedCode);
    }

    private sealed class FixedOwnAddresses : IOwnAddresses
    {
        public ValueTask<IReadOnlySet<IPAddress>> GetAsync(CancellationToken cancel) => new(new HashSet<IPAddress> { Ours });
    }

    /// <summary>DNS in which every domain has one mail exchanger.</summary>
    private sealed class SingleExchangerDns(IReadOnlyList<IPAddress> addresses) : IDnsLookup, IResolver
    {
        public IReadOnlyList<IPAddress> Addresses { get; set; } = addresses;

        public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken) => Task.FromResult<DnsAnswer<IPAddress>>(new DnsAnswer<IPAddress>.RecordsFound(Addresses));

        public Task<DnsAnswer<MailExchange>> LookupMxAsync(string name, CancellationToken cancel) =>
            Task.FromResult<DnsAnswer<MailExchange>>(new DnsAnswer<MailExchange>.RecordsFound([new MailExchange(10, "mx.far.test")]));

        public Task<DnsAnswer<IPAddress>> LookupIPv4Async(string name, CancellationToken cancel) => None<IPAddress>();

        public Task<DnsAnswer<IPAddress>> LookupIPv6Async(string name, CancellationToken cancel) => None<IPAddress>();

        public Task<DnsAnswer<string>> LookupTxtAsync(string name, CancellationToken cancel) => None<string>();

        public Task<DnsAnswer<string>> LookupPtrAsync(IPAddress address, CancellationToken cancel) => None<string>();

        private static Task<DnsAnswer<T>> None<T>() => Task.FromResult<DnsAnswer<T>>(new DnsAnswer<T>.NoRecords(NameExists: true));
    }
}
