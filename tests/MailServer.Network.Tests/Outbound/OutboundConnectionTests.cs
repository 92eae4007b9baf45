using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Dns;
using MailServer.Network.Certificates;
using MailServer.Network.Dns;
using MailServer.Network.Listeners;
using MailServer.Network.Outbound;
using MailServer.Network.Tls;

namespace MailServer.Network.Tests.Outbound;

public sealed class OutboundConnectionTests
{
    private static readonly TestCertificate Good = TestCertificate.For("mx.test");

    [Fact]
    public async Task A_trusted_certificate_with_the_right_name_is_accepted()
    {
        await using var server = await StartAsync();
        await using var connection = await ConnectAsync(server, trusted: true);
        var tls = await connection.StartTlsAsync(Check("mx.test"), CancellationToken.None);
        Assert.Equal(("TLSv1.3", "mx.test"), (tls.Protocol, tls.ServerName));
        connection.Output.Write("EHLO us\r\n"u8);
        await connection.Output.FlushAsync();
        var read = await connection.Input.ReadAtLeastAsync(9);
        Assert.Equal("EHLO us\r\n", Encoding.ASCII.GetString(read.Buffer));
    }

    [Theory]
    [InlineData("mx.test", false, CertificateFault.NotTrusted)]
    [InlineData("other.test", true, CertificateFault.WrongName)]
    public async Task An_untrusted_certificate_or_name_fails_when_verified(string name, bool trusted, CertificateFault fault)
    {
        await using var server = await StartAsync();
        await using var connection = await ConnectAsync(server, trusted);
        var failed = await Assert.ThrowsAsync<TlsException>(async () => await connection.StartTlsAsync(Check(name), CancellationToken.None));
        Assert.Equal((TlsFailure.Certificate, fault), (failed.Failure, failed.Fault));
    }

    [Fact]
    public async Task Any_certificate_is_accepted_when_not_verified()
    {
        await using var server = await StartAsync();
        await using var connection = await ConnectAsync(server, trusted: false);
        Assert.Equal("TLSv1.3", (await connection.StartTlsAsync(Check("other.test", required: false), CancellationToken.None)).Protocol);
        Assert.Equal((PeerTrust.Unverified, CertificateFault.NotTrusted), (connection.Peer!.Trust, connection.Peer.Fault));
    }

    [Fact]
    public async Task A_server_that_never_completes_the_handshake_is_abandoned()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var limits = Limits.Default with { TlsHandshakeTimeout = TimeSpan.FromMilliseconds(200) };
        var connector = new OutboundConnector(new Resolver([]), limits, TimeProvider.System);
        await using var connection = await connector.ConnectAsync("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, AddressRule.None, TestStreams.Patience, CancellationToken.None);
        var failed = await Assert.ThrowsAsync<TlsException>(async () => await connection.StartTlsAsync(Check("mx.test", required: false), CancellationToken.None));
        Assert.Equal(TlsFailure.TimedOut, failed.Failure);
    }

    [Fact]
    public async Task A_closed_port_is_unreachable()
    {
        var failed = await Assert.ThrowsAsync<OutboundException>(() => Connector().ConnectAsync("localhost", FreePort.Take(), AddressRule.None, TestStreams.Patience, CancellationToken.None));
        Assert.Equal(OutboundFailure.Unreachable, failed.Failure);
    }

    [Fact]
    public async Task The_next_address_is_tried_when_one_does_not_answer()
    {
        await using var server = await StartAsync();
        var connector = new OutboundConnector(new AddressListResolver([IPAddress.IPv6Loopback, IPAddress.Loopback]), Limits.Default, TimeProvider.System);
        await using var connection = await connector.ConnectAsync("mx.test", server.Port, AddressRule.None, TestStreams.Patience, CancellationToken.None);
        Assert.Equal(IPAddress.Loopback, connection.Remote.Address);
    }

    private static PeerRequirements Check(string name, bool required = true) => new() { Names = [name], Required = required };

    private static OutboundConnector Connector(bool trusted = false) =>
        new(new Resolver([]), Limits.Default, TimeProvider.System, trusted ? new X509Certificate2Collection(Good.Current.Certificate) : null);

    private static Task<OutboundConnection> ConnectAsync(TestServer server, bool trusted) =>
        Connector(trusted).ConnectAsync("127.0.0.1", server.Port, AddressRule.None, TestStreams.Patience, CancellationToken.None);

    /// <summary>Implicit TLS: for the client the same as after STARTTLS.</summary>
    private static Task<TestServer> StartAsync() => TestServer.StartAsync(ListenerKind.Submissions, TestStreams.EchoAsync, new CertificateSelector(Good));

    private sealed class AddressListResolver(IReadOnlyList<IPAddress> addresses) : IResolver
    {
        public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken) =>
            Task.FromResult<DnsAnswer<IPAddress>>(new DnsAnswer<IPAddress>.RecordsFound(addresses));
    }
}
