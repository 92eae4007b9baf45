using System.Net;
using MailServer.Domain;
using MailServer.Network.Listeners;

namespace MailServer.Network.Tests.Listeners;

public sealed class ConnectionGateTests
{
    private static readonly Limits Two = Limits.Default with { ConnectionsPerAddress = 2 };

    [Fact]
    public void Connections_per_address_are_limited()
    {
        var gate = new ConnectionGate(Two);
        var address = IPAddress.Parse("192.0.2.1");
        Assert.Equal(ConnectionAdmission.Admitted, gate.TryEnter(address));
        Assert.Equal(ConnectionAdmission.Admitted, gate.TryEnter(address.MapToIPv6()));
        Assert.Equal(ConnectionAdmission.TooManyFromAddress, gate.TryEnter(address));
        Assert.Equal(ConnectionAdmission.Admitted, gate.TryEnter(IPAddress.Parse("192.0.2.2")));
        gate.Leave(address);
        Assert.Equal(ConnectionAdmission.Admitted, gate.TryEnter(address));
    }

    [Fact]
    public void An_ipv6_network_counts_as_one_address()
    {
        var gate = new ConnectionGate(Two);
        Assert.Equal(ConnectionAdmission.Admitted, gate.TryEnter(IPAddress.Parse("2001:db8:0:1::1")));
        Assert.Equal(ConnectionAdmission.Admitted, gate.TryEnter(IPAddress.Parse("2001:db8:0:1:ffff::2")));
        Assert.Equal(ConnectionAdmission.TooManyFromAddress, gate.TryEnter(IPAddress.Parse("2001:db8:0:1::3")));
        Assert.Equal(ConnectionAdmission.Admitted, gate.TryEnter(IPAddress.Parse("2001:db8:0:2::3")));
    }

    [Fact]
    public void Loopback_can_be_exempt_from_the_limit_per_address_but_not_from_the_total()
    {
        var gate = new ConnectionGate(Two with { Connections = 3 }, boundLoopback: false);
        for (var i = 0; i < 3; i++) Assert.Equal(ConnectionAdmission.Admitted, gate.TryEnter(IPAddress.Loopback));
        Assert.Equal(ConnectionAdmission.TooMany, gate.TryEnter(IPAddress.Loopback));
    }

    [Theory]
    [InlineData(ListenerKind.Smtp, "421 4.7.0 Too many connections from your address")]
    [InlineData(ListenerKind.Submissions, "421 4.7.0 Too many connections from your address")]
    [InlineData(ListenerKind.Imap, "* BYE [LIMIT] Too many connections from your address")]
    [InlineData(ListenerKind.Imaps, "* BYE [LIMIT] Too many connections from your address")]
    [InlineData(ListenerKind.ManageSieve, "BYE (TRYLATER) \"Too many connections from your address\"")]
    [InlineData(ListenerKind.ManageSieves, "BYE (TRYLATER) \"Too many connections from your address\"")]
    public async Task The_hundred_and_first_connection_of_an_address_is_refused(ListenerKind kind, string text)
    {
        await using var server = await TestServer.StartAsync(kind, TestStreams.EchoAsync, TestCertificate.Selector);
        var inside = new List<Stream>();
        for (var i = 0; i < 100; i++) inside.Add(await server.ConnectAsync());
        await TestStreams.UntilAsync(() => server.Gate.Count == 100);
        await using var refused = kind.IsImplicitTls ? await server.ConnectTlsAsync() : await server.ConnectAsync();
        Assert.Equal(text, await refused.ReadLineAsync());
        Assert.Equal("<end>", await refused.ReadLineAsync());
        foreach (var client in inside) await client.DisposeAsync();
        await TestStreams.UntilAsync(() => server.Gate.Count == 0);
        await using var admitted = kind.IsImplicitTls ? await server.ConnectTlsAsync() : await server.ConnectAsync();
        await admitted.SendAsync("in\r\n");
        Assert.Equal("in", await admitted.ReadLineAsync());
    }

    [Theory]
    [InlineData(ListenerKind.Smtp, "421 4.3.2 Too many connections, try again later")]
    [InlineData(ListenerKind.Imap, "* BYE [UNAVAILABLE] Too many connections, try again later")]
    [InlineData(ListenerKind.ManageSieve, "BYE (TRYLATER) \"Too many connections, try again later\"")]
    public async Task A_full_node_refuses(ListenerKind kind, string text)
    {
        await using var server = await TestServer.StartAsync(kind, TestStreams.EchoAsync, TestCertificate.Selector, Limits.Default with { Connections = 1 });
        await using var inside = await server.ConnectAsync();
        await TestStreams.UntilAsync(() => server.Gate.Count == 1);
        await using var refused = await server.ConnectAsync();
        Assert.Equal(text, await refused.ReadLineAsync());
    }
}
