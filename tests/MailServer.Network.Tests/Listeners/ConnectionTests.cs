using System.Buffers;
using System.Diagnostics;
using System.Net.Sockets;
using MailServer.Domain;
using MailServer.Domain.Sessions;
using MailServer.Network.Listeners;
using MailServer.Network.Tls;

namespace MailServer.Network.Tests.Listeners;

public sealed class ConnectionTests
{
    [Theory]
    [InlineData(ListenerKind.Smtp)]
    [InlineData(ListenerKind.Submission)]
    [InlineData(ListenerKind.Imap)]
    public async Task Plain_listener_carries_bytes_both_ways(ListenerKind kind)
    {
        await using var server = await TestServer.StartAsync(kind, TestStreams.EchoAsync, TestCertificate.Selector);
        await using var client = await server.ConnectAsync();
        await client.SendAsync("one\r\n");
        Assert.Equal("one", await client.ReadLineAsync());
        await client.SendAsync("two\r\n");
        Assert.Equal("two", await client.ReadLineAsync());
    }

    [Theory]
    [InlineData(ListenerKind.Submissions)]
    [InlineData(ListenerKind.Imaps)]
    public async Task Implicit_TLS_is_negotiated_before_the_session(ListenerKind kind)
    {
        var seen = new TaskCompletionSource<TlsInfo?>();
        await using var server = await TestServer.StartAsync(kind, connection =>
        {
            seen.SetResult(connection.Tls);
            return TestStreams.EchoAsync(connection);
        }, TestCertificate.Selector);
        await using var client = await server.ConnectTlsAsync();
        await client.SendAsync("one\r\n");
        Assert.Equal("one", await client.ReadLineAsync());
        var tls = (await seen.Task)!;
        Assert.Equal(("TLSv1.3", "mail.test"), (tls.Protocol, tls.ServerName));
        Assert.StartsWith("TLS_", tls.CipherSuite, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Large_amounts_of_data_pass_through_TLS_unchanged()
    {
        await using var server = await TestServer.StartAsync(ListenerKind.Imaps, TestStreams.EchoAsync, TestCertificate.Selector);
        await using var client = await server.ConnectTlsAsync();
        var sent = new byte[3_000_000];
        new Random(1).NextBytes(sent);
        var received = new byte[sent.Length];
        var writing = client.WriteAsync(sent).AsTask();
        await client.ReadExactlyAsync(received).AsTask().WaitAsync(TestStreams.Patience);
        await writing;
        Assert.Equal(sent, received);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commands_sent_before_the_handshake_are_dropped(bool replyFlushedFirst)
    {
        await using var server = await TestServer.StartAsync(ListenerKind.Smtp, async connection =>
        {
            Assert.Equal("STARTTLS", await connection.ReadCommandAsync());
            connection.Output.Write("220 Go\r\n"u8);
            if (replyFlushedFirst)
            {
                await connection.Output.FlushAsync();
                await Task.Delay(200);
            }

            await connection.StartTlsAsync(CancellationToken.None);
            await TestStreams.EchoAsync(connection);
        }, TestCertificate.Selector);
        await using var client = await server.ConnectAsync();
        await client.SendAsync("STARTTLS\r\nMAIL FROM:<injected@example.com>\r\n");
        Assert.Equal("220 Go", await client.ReadLineAsync());
        await using var tls = await TestServer.ShakeHandsAsync(client);
        await tls.SendAsync("EHLO after\r\n");
        Assert.Equal("EHLO after", await tls.ReadLineAsync());
    }

    [Fact]
    public async Task A_slow_handshake_is_aborted()
    {
        var failure = new TaskCompletionSource<TlsFailure>();
        var limits = Limits.Default with { TlsHandshakeTimeout = TimeSpan.FromMilliseconds(200) };
        await using var server = await TestServer.StartAsync(ListenerKind.Smtp, async connection =>
        {
            var failed = await Assert.ThrowsAsync<TlsException>(async () => await connection.StartTlsAsync(CancellationToken.None));
            failure.SetResult(failed.Failure);
        }, TestCertificate.Selector, limits);
        await using var client = await server.ConnectAsync();
        Assert.Equal(TlsFailure.TimedOut, await failure.Task.WaitAsync(TestStreams.Patience));
        await TestStreams.UntilAsync(() => server.Gate.Count == 0);
    }

    [Fact]
    public async Task A_slow_implicit_handshake_is_aborted_without_a_session()
    {
        var limits = Limits.Default with { TlsHandshakeTimeout = TimeSpan.FromMilliseconds(200) };
        await using var server = await TestServer.StartAsync(ListenerKind.Imaps, _ => throw new InvalidOperationException(), TestCertificate.Selector, limits);
        await using var client = await server.ConnectAsync();
        var begun = Stopwatch.GetTimestamp();
        await Assert.ThrowsAnyAsync<IOException>(client.CountToEndAsync);
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("a1 CAPABILITY\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("x")]
    [InlineData("\0\0\0\0\0\0")]
    public async Task Plain_text_on_a_TLS_port_is_closed_at_once_without_a_session(string text)
    {
        var limits = Limits.Default with { TlsHandshakeTimeout = TimeSpan.FromHours(1) };
        await using var server = await TestServer.StartAsync(ListenerKind.Imaps, _ => throw new InvalidOperationException(), TestCertificate.Selector, limits);
        await using var client = await server.ConnectAsync();
        await client.SendAsync(text);
        // An alert and a close, or a reset: the client's data may be unread.
        await Record.ExceptionAsync(client.CountToEndAsync);
        await TestStreams.UntilAsync(() => server.Gate.Count == 0);
    }

    [Fact]
    public async Task Plain_text_instead_of_a_handshake_after_STARTTLS_fails_at_once()
    {
        var failure = new TaskCompletionSource<TlsFailure>();
        var limits = Limits.Default with { TlsHandshakeTimeout = TimeSpan.FromHours(1) };
        await using var server = await TestServer.StartAsync(ListenerKind.Smtp, async connection =>
        {
            Assert.Equal("STARTTLS", await connection.ReadCommandAsync());
            connection.Output.Write("220 Go\r\n"u8);
            var failed = await Assert.ThrowsAsync<TlsException>(async () => await connection.StartTlsAsync(CancellationToken.None));
            failure.SetResult(failed.Failure);
        }, TestCertificate.Selector, limits);
        await using var client = await server.ConnectAsync();
        await client.SendAsync("STARTTLS\r\n");
        Assert.Equal("220 Go", await client.ReadLineAsync());
        // What the server has not read when it begins the handshake is dropped.
        await Task.Delay(200);
        await client.SendAsync("EHLO without.tls\r\n");
        Assert.Equal(TlsFailure.Handshake, await failure.Task.WaitAsync(TestStreams.Patience));
    }

    [Theory]
    [InlineData(ListenerKind.Imap)]
    [InlineData(ListenerKind.Imaps)]
    public async Task Graceful_close_delivers_every_byte(ListenerKind kind)
    {
        const int Size = 2_000_000;
        await using var server = await TestServer.StartAsync(kind, async connection =>
        {
            connection.Output.Write(new byte[Size]);
            await connection.CloseAsync();
        }, TestCertificate.Selector);
        await using var client = kind.IsImplicitTls ? await server.ConnectTlsAsync() : await server.ConnectAsync();
        await Task.Delay(100);
        Assert.Equal(Size, await client.CountToEndAsync());
        await TestStreams.UntilAsync(() => server.Gate.Count == 0);
    }

    [Theory]
    [InlineData(ListenerKind.Imap)]
    [InlineData(ListenerKind.Imaps)]
    public async Task Close_does_not_wait_forever_for_a_client_that_stopped_reading(ListenerKind kind)
    {
        var limits = Limits.Default with { WriteTimeout = TimeSpan.FromMilliseconds(300) };
        await using var server = await TestServer.StartAsync(kind, async connection =>
        {
            connection.Output.Write(new byte[20_000_000]);
            await connection.CloseAsync();
        }, TestCertificate.Selector, limits);
        await using var client = kind.IsImplicitTls ? await server.ConnectTlsAsync() : await server.ConnectAsync();
        await TestStreams.UntilAsync(() => server.Gate.Count == 1);
        await TestStreams.UntilAsync(() => server.Gate.Count == 0);
    }

    [Theory]
    [InlineData(ListenerKind.Imap)]
    [InlineData(ListenerKind.Imaps)]
    public async Task Abort_ends_a_blocked_write(ListenerKind kind)
    {
        var ended = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(kind, async connection =>
        {
            connection.Output.Write(new byte[20_000_000]);
            var flush = connection.Output.FlushAsync().AsTask();
            await Task.Delay(100);
            Assert.False(flush.IsCompleted);
            connection.Abort();
            try
            {
                Assert.True((await flush).IsCompleted);
            }
            catch (IOException)
            {
                // The failure as reported by TLS.
            }

            Assert.True(connection.Closed.WaitHandle.WaitOne(TestStreams.Patience));
            ended.SetResult();
        }, TestCertificate.Selector);
        await using var client = kind.IsImplicitTls ? await server.ConnectTlsAsync() : await server.ConnectAsync();
        await ended.Task.WaitAsync(TestStreams.Patience);
        await TestStreams.UntilAsync(() => server.Gate.Count == 0);
    }

    [Theory]
    [InlineData(ListenerKind.Imap)]
    [InlineData(ListenerKind.Imaps)]
    public async Task A_pending_read_notices_a_client_that_disconnects(ListenerKind kind)
    {
        await using var server = await TestServer.StartAsync(kind, TestStreams.EchoAsync, TestCertificate.Selector);
        var client = kind.IsImplicitTls ? await server.ConnectTlsAsync() : await server.ConnectAsync();
        await TestStreams.UntilAsync(() => server.Gate.Count == 1);
        await client.DisposeAsync();
        await TestStreams.UntilAsync(() => server.Gate.Count == 0);
    }

    [Fact]
    public async Task A_half_closed_client_still_gets_the_replies()
    {
        const int Size = 3_000_000;
        await using var server = await TestServer.StartAsync(ListenerKind.Smtp, async connection =>
        {
            while (await connection.ReadCommandAsync() != "<end>") { }

            connection.Output.Write(new byte[Size]);
        }, TestCertificate.Selector);
        await using var client = (NetworkStream)await server.ConnectAsync();
        await client.SendAsync("QUIT\r\n");
        client.Socket.Shutdown(SocketShutdown.Send);
        await Task.Delay(200);
        Assert.Equal(Size, await client.CountToEndAsync());
    }

    [Fact]
    public async Task A_half_closed_client_that_does_not_read_is_disconnected()
    {
        var limits = Limits.Default with { WriteTimeout = TimeSpan.FromMilliseconds(300) };
        await using var server = await TestServer.StartAsync(ListenerKind.Smtp, async connection =>
        {
            while (await connection.ReadCommandAsync() != "<end>") { }

            connection.Output.Write(new byte[20_000_000]);
        }, TestCertificate.Selector, limits);
        await using var client = (NetworkStream)await server.ConnectAsync();
        client.Socket.Shutdown(SocketShutdown.Send);
        await Task.Delay(100);
        await TestStreams.UntilAsync(() => server.Gate.Count == 0);
    }

    [Fact]
    public async Task A_session_that_does_not_drain_is_aborted()
    {
        await using var server = await TestServer.StartAsync(ListenerKind.Imap, TestStreams.EchoAsync, TestCertificate.Selector);
        await using var client = await server.ConnectAsync();
        await TestStreams.UntilAsync(() => server.Gate.Count == 1);
        await server.StopAsync(TimeSpan.FromMilliseconds(200)).WaitAsync(TestStreams.Patience);
        await TestStreams.UntilAsync(() => server.Gate.Count == 0);
    }

    [Fact]
    public async Task Five_hundred_connections_leak_no_descriptors()
    {
        await using var server = await TestServer.StartAsync(ListenerKind.Imaps, TestStreams.EchoAsync, TestCertificate.Selector,
            Limits.Default with { ConnectionsPerAddress = 1000 });
        await OpenAndCloseAsync(server, 20);
        var before = Directory.GetFiles("/proc/self/fd").Length;
        await OpenAndCloseAsync(server, 500);
        // Other tests of this process run concurrently.
        Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 0, before + 100);
    }

    private static async Task OpenAndCloseAsync(TestServer server, int count)
    {
        var clients = new List<Stream>();
        for (var i = 0; i < count; i++) clients.Add(await server.ConnectTlsAsync());
        await clients[^1].SendAsync("here\r\n");
        Assert.Equal("here", await clients[^1].ReadLineAsync());
        foreach (var client in clients) await client.DisposeAsync();
        await TestStreams.UntilAsync(() => server.Gate.Count == 0);
    }

    [Fact]
    public void Ids_are_unique_and_sort_in_the_order_of_arrival()
    {
        var ids = new ConnectionIds(TimeProvider.System);
        var made = Enumerable.Range(0, 10_000).Select(_ => ids.Next()).ToArray();
        Assert.Equal(made.Length, made.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(made.Order(StringComparer.Ordinal), made);
        Assert.Equal(12, made[0].Length);
    }
}
