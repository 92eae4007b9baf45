using System.Globalization;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests;
using MailServer.Network.Tests.Dns;

namespace MailServer.EndToEnd.Tests.Queue;

/// <summary>A DNS server, SMTP hosts on their own loopback addresses, and a server under test that delivers to them with short retries.</summary>
internal sealed class RemoteMailHosts : IAsyncDisposable
{
    private readonly List<SmtpReceiver> _receivers = [];
    private int _hosts = 1;

    private RemoteMailHosts() { }

    public static RemoteMailHosts Create() => new();

    public FakeDnsServer Dns { get; } = new();

    public int Port { get; } = FreePort.Take();

    public ServerSettings Settings(int commandTimeout = 3, int retryFirst = 1, int maxRetries = 30, bool privateHosts = true) => new()
    {
        RequireTls = false,
        Extra = string.Create(CultureInfo.InvariantCulture, $"""
            delivery:
              smtp_port: {Port}
              private_hosts: {(privateHosts ? "true" : "false")}
              require_tls: false
              connect_timeout: 3s
              command_timeout: {commandTimeout}s
            queue:
              retry_first: {retryFirst}s
              retry_longest: {Math.Max(2, retryFirst)}s
              max_retries: {maxRetries}
            dns:
              servers: {Dns.EndPoint}
            """),
    };

    /// <summary>Adds a host that receives the mail of <paramref name="domain"/>, by an MX record.</summary>
    public SmtpReceiver Host(string domain, ReceiverBehavior behavior = ReceiverBehavior.Takes, ushort preference = 10)
    {
        var receiver = Alone($"mx{(_hosts + 1).ToString(CultureInfo.InvariantCulture)}.{domain}", behavior);
        Dns.Mx(domain, preference, $"mx{_hosts.ToString(CultureInfo.InvariantCulture)}.{domain}");
        return receiver;
    }

    /// <summary>Adds a host of that name, with an address record only.</summary>
    public SmtpReceiver Alone(string name, ReceiverBehavior behavior = ReceiverBehavior.Takes)
    {
        var address = $"127.0.0.{(++_hosts).ToString(CultureInfo.InvariantCulture)}";
        var receiver = SmtpReceiver.Start(address, Port, behavior);
        _receivers.Add(receiver);
        Dns.Address(name, address);
        return receiver;
    }

    /// <summary>Sends one message; returns its unique subject.</summary>
    public static async Task<string> SubmitAsync(ServerProcess server, string user, params string[] recipients)
    {
        var subject = TestMail.NewSubject();
        using var client = await server.SubmitAsync(user);
        var letter = MailKitClients.Letter(user, recipients[0], subject);
        foreach (var more in recipients.Skip(1))
        {
            letter.Cc.Add(MimeKit.MailboxAddress.Parse(more));
        }

        await client.SendAsync(letter);
        return subject;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var receiver in _receivers)
        {
            await receiver.DisposeAsync();
        }

        Dns.Dispose();
    }
}
