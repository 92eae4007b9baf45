using System.Globalization;
using System.Text;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.RunningServer;

/// <summary>A load balancer in front of the server passes on the client address; nobody else may.</summary>
public sealed class ProxyProtocolTests : IAsyncLifetime
{
    private const string Proxy = "127.0.0.9";
    private ServerProcess _server = null!;

    public async Task InitializeAsync() =>
        _server = await ServerProcess.StartNewAsync(new ServerSettings { Server = $"proxy_protocol_from: [{Proxy}, 127.0.1.0/24]", Security = ["ban_after: 3"] });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task The_client_address_of_the_proxy_header_is_used_with_and_without_TLS()
    {
        var user = await _server.AddUserAsync();
        await using var imap = await ConnectAsync(_server.Ports.Imaps, "PROXY TCP4 203.0.113.7 192.0.2.1 4711 993\r\n");
        await imap.StartTlsAsync();
        Assert.StartsWith("* OK", await imap.ReadLineAsync(), StringComparison.Ordinal);
        await imap.ImapAsync($"LOGIN {user} \"{ServerProcess.Password}\"");
        Assert.Contains("203.0.113.7:4711", (await _server.CliAsync("sessions", "list", "--account", user)).Succeeded().Output, StringComparison.Ordinal);

        byte[] binary = [.. "\r\n\r\n\0\r\nQUIT\n!\x11\0\x0C"u8, 203, 0, 113, 8, 192, 0, 2, 1, 0x12, 0x67, 0, 25];
        await using var smtp = await ConnectAsync(_server.Ports.Smtp, Encoding.Latin1.GetString(binary));
        Assert.StartsWith("220", await smtp.SmtpReplyAsync(), StringComparison.Ordinal);
        await smtp.SmtpAsync("EHLO sender.example");
        await smtp.SmtpAsync("MAIL FROM:<a@sender.example>");
        await smtp.SmtpAsync($"RCPT TO:<{user}>");
        await smtp.SmtpAsync("DATA");
        Assert.StartsWith("250", await smtp.SmtpAsync("Subject: through a proxy\r\n\r\n."), StringComparison.Ordinal);
        Assert.Contains("[203.0.113.8]", await File.ReadAllTextAsync(Assert.Single(_server.FilesWith("through a proxy"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failed_sign_ins_behind_a_proxy_ban_the_client_and_not_the_proxy()
    {
        for (var i = 0; i < 3; i++)
        {
            await using var attacker = await ConnectAsync(_server.Ports.Imaps, "PROXY TCP6 2001:db8::1 2001:db8::2 4711 993\r\n");
            await attacker.StartTlsAsync();
            await attacker.ReadLineAsync();
            await attacker.ImapAsync($"LOGIN nobody{i}@{_server.Domain} guess");
        }

        Assert.Contains("2001:db8::/64", (await _server.CliAsync("bans", "list")).Succeeded().Output, StringComparison.Ordinal);
        await using var same = await ConnectAsync(_server.Ports.Imap, "PROXY TCP6 2001:db8::ffff 2001:db8::2 4711 143\r\n");
        Assert.StartsWith("* BYE", await same.ReadLineAsync(), StringComparison.Ordinal);
        await using var other = await ConnectAsync(_server.Ports.Imap, "PROXY TCP4 203.0.113.7 192.0.2.1 4711 143\r\n");
        Assert.StartsWith("* OK", await other.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("EHLO client\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 99999\r\n")]
    [InlineData("\r\n\r\n\0\r\nQUIT\nxxxxxxxxxxxxxxxx")]
    public async Task A_connection_from_a_proxy_without_a_valid_header_is_closed(string said)
    {
        foreach (var port in new[] { _server.Ports.Smtp, _server.Ports.Imaps, _server.Ports.Dav })
        {
            await using var wire = await ConnectAsync(port, said);
            Assert.Equal("", await wire.ReadToEndAsync(TimeSpan.FromSeconds(20)));
        }
    }

    [Fact]
    public async Task A_proxy_header_from_an_untrusted_address_is_an_unknown_command()
    {
        await using var smtp = await WireClient.ConnectAsync(_server.Ports.Smtp);
        await smtp.SmtpReplyAsync();
        Assert.StartsWith("500", await smtp.SmtpAsync("PROXY TCP4 203.0.113.7 192.0.2.1 4711 25"), StringComparison.Ordinal);
        await using var imap = await WireClient.ConnectAsync(_server.Ports.Imap);
        await imap.ReadLineAsync();
        await imap.SendAsync("PROXY TCP4 203.0.113.7 192.0.2.1 4711 143\r\n");
        Assert.Contains("BAD", await imap.ReadLineAsync(), StringComparison.Ordinal);
    }

    [ClientFact("haproxy")]
    public async Task HAProxy_passes_the_client_address_on_every_port()
    {
        var front = ServerPorts.Free();
        var file = Path.Combine(_server.Folder, "haproxy.cfg");
        await File.WriteAllTextAsync(file, string.Create(CultureInfo.InvariantCulture, $$"""
            defaults
              mode tcp
              timeout connect 5s
              timeout client 30s
              timeout server 30s
            listen imaps
              bind 127.0.0.1:{{front.Imaps}}
              server s 127.0.0.1:{{_server.Ports.Imaps}} source {{Proxy}} send-proxy-v2
            listen smtp
              bind 127.0.0.1:{{front.Smtp}}
              server s 127.0.0.1:{{_server.Ports.Smtp}} source {{Proxy}} send-proxy
            listen dav
              bind 127.0.0.1:{{front.Dav}}
              server s 127.0.0.1:{{_server.Ports.Dav}} source {{Proxy}} send-proxy-v2

            """));
        using var haproxy = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/usr/sbin/haproxy") { ArgumentList = { "-f", file }, UseShellExecute = false })!;
        try
        {
            var user = await _server.AddUserAsync();
            await Eventually.BecomesTrueAsync(async () => await CanConnectAsync(front.Imaps), "haproxy answers");
            await using var imap = await WireClient.ConnectAsync(front.Imaps, tls: true, from: "127.0.0.55");
            await imap.ReadLineAsync();
            await imap.ImapAsync($"LOGIN {user} \"{ServerProcess.Password}\"");
            Assert.Contains("127.0.0.55:", (await _server.CliAsync("sessions", "list", "--account", user)).Succeeded().Output, StringComparison.Ordinal);
            await using var smtp = await WireClient.ConnectAsync(front.Smtp, from: "127.0.0.55");
            Assert.StartsWith("220", await smtp.SmtpReplyAsync(), StringComparison.Ordinal);
            await using var dav = await WireClient.ConnectAsync(front.Dav, tls: true, from: "127.0.0.55");
            await dav.SendAsync("GET /dav/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 401", await dav.ReadLineAsync(), StringComparison.Ordinal);
        }
        finally
        {
            haproxy.Kill();
            await haproxy.WaitForExitAsync();
        }
    }

    private static async Task<bool> CanConnectAsync(int port)
    {
        try
        {
            await using var wire = await WireClient.ConnectAsync(port);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    private static async Task<WireClient> ConnectAsync(int port, string header)
    {
        var wire = await WireClient.ConnectAsync(port, from: Proxy);
        await wire.SendAsync(header);
        return wire;
    }
}
