using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using MailServer.Network.NodeLinks;
using MailServer.Network.Tests.Tls;

namespace MailServer.Network.Tests.NodeLinks;

/// <summary>Links between nodes: a failure affects only its own link, whichever side opened it and whatever the other does.</summary>
public sealed class NodeListenerTests
{
    private static readonly TestAuthority Ours = new("nodes");
    private static readonly TestAuthority Theirs = new("strangers");
    private static readonly NodeIdentity Node = Identity(Ours, age: 1);

    /// <summary>Behavior of the other side of a handshake.</summary>
    public enum PeerBehavior
    {
        ClosesAtOnce,
        ResetsAtOnce,
        SaysNothing,
        SpeaksHttp,
        SendsZeros,
        SendsHalfAHello,
        HasAForeignCertificate,
        HasAnExpiredCertificate,
        HasNoCertificate,
        EndsAfterTheHandshake,
        AnnouncesAnEndlessFrame,
        AnnouncesANegativeFrame,
    }

    public static TheoryData<PeerBehavior, bool> Peers()
    {
        var data = new TheoryData<PeerBehavior, bool>();
        foreach (var peer in Enum.GetValues<PeerBehavior>())
            foreach (var connects in new[] { true, false }) data.Add(peer, connects);
        return data;
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task A_misbehaving_peer_affects_only_its_own_link(PeerBehavior peer, bool connects)
    {
        using var node = new NodeListener(Options(Node));
        var frames = Receive(node);
        if (connects) await ConnectAsync(node.Port, peer);
        else await BeConnectedToAsync(node, peer);

        // The node keeps working: a well-behaved peer can connect, and the node can connect to it.
        using var good = new NodeListener(Options(Node));
        var heard = Receive(good);
        using var out1 = await good.ConnectAsync("127.0.0.1", node.Port);
        using var out2 = await node.ConnectAsync("127.0.0.1", good.Port);
        Assert.True(out1.TryWrite(Encoding.ASCII.GetBytes("from good")));
        Assert.True(out2.TryWrite(Encoding.ASCII.GetBytes("from node")));
        Assert.Equal("from good", await NextAsync(frames));
        Assert.Equal("from node", await NextAsync(heard));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Frames_of_every_size_arrive_whole_and_in_order(bool tls)
    {
        var options = tls ? Options(Node) : Options(null);
        using var a = new NodeListener(options);
        using var b = new NodeListener(options);
        var frames = Receive(b);
        using var link = await a.ConnectAsync("127.0.0.1", b.Port);
        int[] sizes = [0, 1, 3, 65_535, 65_536, 65_537, options.MaxFrame];
        foreach (var size in sizes) Assert.True(link.TryWrite(Encoding.ASCII.GetBytes(new string((char)('a' + (size % 26)), size))));
        foreach (var size in sizes) Assert.Equal(new string((char)('a' + (size % 26)), size), await NextAsync(frames));
        Assert.False(link.TryWrite(new byte[options.MaxFrame + 1]));
    }

    [Fact]
    public async Task A_peer_that_does_not_read_fills_only_its_backlog()
    {
        using var node = new NodeListener(Options(Node));
        var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var accepted = AcceptTlsAsync(silent);
        using var link = await node.ConnectAsync("127.0.0.1", ((IPEndPoint)silent.LocalEndpoint).Port);
        await using var peer = await accepted;
        var frame = new byte[512 * 1024];
        var taken = 0;
        while (taken < 10_000 && link.TryWrite(frame)) taken++;
        Assert.InRange(taken, 1, 9_999);
        silent.Dispose();
    }

    [Fact]
    public async Task A_replaced_certificate_is_used_from_the_next_handshake()
    {
        var shown = Identity(Ours, age: 8);
        using var late = new NodeListener(Options(null) with { Identity = () => shown });
        using var node = new NodeListener(Options(Node));
        Receive(node);
        var refused = Receive(late);
        await Assert.ThrowsAsync<NodeLinkException>(() => node.ConnectAsync("127.0.0.1", late.Port));
        shown = Identity(Ours, age: 1);
        using var link = await node.ConnectAsync("127.0.0.1", late.Port);
        Assert.True(link.TryWrite(Encoding.ASCII.GetBytes("hello")));
        Assert.Equal("hello", await NextAsync(refused));
    }

    private static NodeIdentity Identity(TestAuthority authority, int age)
    {
        // Issued by the root itself, as administrators do.
        var trusted = authority.Roots;
        trusted.Add(authority.Intermediate);
        return new NodeIdentity(authority.Issue("node", age), trusted);
    }

    private static NodeLinkOptions Options(NodeIdentity? identity) => new()
    {
        Listen = IPAddress.Loopback,
        Port = 0,
        Identity = identity is null ? null : () => identity,
        HandshakeTimeout = TimeSpan.FromSeconds(2),
    };

    private static BlockingCollection<string> Receive(NodeListener node)
    {
        var frames = new BlockingCollection<string>();
        node.Start(link => link.Start(frame => frames.Add(Encoding.ASCII.GetString(frame.Span)), static () => { }));
        return frames;
    }

    private static Task<string> NextAsync(BlockingCollection<string> frames) =>
        Task.Run(() => frames.TryTake(out var frame, TimeSpan.FromSeconds(30)) ? frame : throw new TimeoutException("no frame"));

    private static async Task ConnectAsync(int port, PeerBehavior peer)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await MisbehaveAsync(client, peer, async (stream, identity) =>
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "node",
                ClientCertificates = identity is null ? null : [identity.Certificate],
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            });
        });
    }

    private static async Task BeConnectedToAsync(NodeListener node, PeerBehavior peer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var served = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await MisbehaveAsync(client, peer, async (stream, identity) =>
            {
                // A TLS server needs some certificate.
                await stream.AuthenticateAsServerAsync((identity ?? Identity(Theirs, age: 1)).Certificate);
            });
        });
        try
        {
            using var link = await node.ConnectAsync("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
            var closed = new TaskCompletionSource();
            link.Start(static _ => { }, closed.SetResult);
            await closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (NodeLinkException)
        {
            // Most end before the link is established.
        }

        await served;
    }

    private static async Task MisbehaveAsync(TcpClient client, PeerBehavior peer, Func<SslStream, NodeIdentity?, Task> shakeHands)
    {
        var stream = client.GetStream();
        try
        {
            switch (peer)
            {
                case PeerBehavior.ClosesAtOnce:
                    return;
                case PeerBehavior.ResetsAtOnce:
                    client.LingerState = new LingerOption(true, 0);
                    return;
                case PeerBehavior.SaysNothing:
                    await stream.CopyToAsync(Stream.Null);
                    return;
                case PeerBehavior.SpeaksHttp:
                    await stream.WriteAsync(Encoding.ASCII.GetBytes("OPTIONS / HTTP/1.1\r\nHost: node\r\n\r\n"));
                    return;
                case PeerBehavior.SendsZeros:
                    await stream.WriteAsync(new byte[20_000]);
                    return;
                case PeerBehavior.SendsHalfAHello:
                    await stream.WriteAsync(new byte[] { 0x16, 3, 1, 2, 0, 1, 0 });
                    return;
            }

            await using var tls = new SslStream(stream);
            var identity = peer switch
            {
                PeerBehavior.HasAForeignCertificate => Identity(Theirs, age: 1),
                PeerBehavior.HasAnExpiredCertificate => Identity(Ours, age: 8),
                PeerBehavior.HasNoCertificate => null,
                _ => Node,
            };
            await shakeHands(tls, identity);
            if (peer == PeerBehavior.AnnouncesAnEndlessFrame) await tls.WriteAsync(BitConverter.GetBytes(int.MaxValue));
            if (peer == PeerBehavior.AnnouncesANegativeFrame) await tls.WriteAsync(BitConverter.GetBytes(-1));
            if (peer != PeerBehavior.EndsAfterTheHandshake) await tls.CopyToAsync(Stream.Null);
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException or SocketException)
        {
            // The node has closed the connection.
        }
    }

    private static async Task<SslStream> AcceptTlsAsync(TcpListener listener)
    {
        var client = await listener.AcceptTcpClientAsync();
        var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(Node.Certificate);
        return tls;
    }
}
