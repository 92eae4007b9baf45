using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests;
using MailServer.Network.Tests.Tls;

namespace MailServer.EndToEnd.Tests.Transport;

/// <summary>Hosts with certificates of an authority trusted by the server under test, which sends to them with short retries.</summary>
internal sealed class SecureTransportTestBed : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("secured-").FullName;
    private readonly List<TlsReceiver> _receivers = [];

    public SecureTransportTestBed()
    {
        CaFile = Path.Combine(_folder, "ca.pem");
        File.WriteAllText(CaFile, Authority.Root.ExportCertificatePem());
    }

    public TestAuthority Authority { get; } = new("secured world");

    public string CaFile { get; }

    public int Port { get; } = FreePort.Take();

    /// <param name="resolver">The DNS server to use.</param>
    /// <param name="more">Additional lines of the section <c>delivery</c>.</param>
    public ServerSettings Settings(IPEndPoint resolver, string more = "mta_sts: true") => new()
    {
        RequireTls = false,
        ExtraCaFile = CaFile,
        Extra = string.Create(CultureInfo.InvariantCulture, $"""
            delivery:
              private_hosts: true
              smtp_port: {Port}
              connect_timeout: 3s
              command_timeout: 3s
              {more}
            queue:
              retry_first: 1s
              retry_longest: 2s
            dns:
              servers: {resolver}
            """),
    };

    /// <summary>Adds a host at an address of 127.0.0.0/8; without a certificate it has no TLS.</summary>
    public TlsReceiver Host(string address, X509Certificate2? certificate, bool requireTls = false)
    {
        var receiver = new TlsReceiver(address, Port) { Certificate = certificate, Chain = Authority.Chain, OffersRequireTls = requireTls };
        _receivers.Add(receiver);
        return receiver;
    }

    public static async Task SendAsync(ServerProcess server, string user, bool requireTls, params string[] recipients)
    {
        using var client = await server.SubmitAsync(user);
        client.RequireTLS = requireTls;
        foreach (var recipient in recipients)
        {
            await client.SendAsync(MailKitClients.Letter(user, recipient, TestMail.NewSubject()));
        }
    }

    public static Task ArrivesAsync(TlsReceiver host) => Eventually.BecomesTrueAsync(() => !host.Messages.IsEmpty, "the message arrives", Patience);

    /// <summary>Waits until the recipient is deferred; returns the reason of the last attempt.</summary>
    public static async Task<string> WaitsAsync(ServerProcess server, string recipient)
    {
        var reason = "";
        await Eventually.BecomesTrueAsync(async () =>
        {
            var row = (await server.CliAsync("queue", "list")).Succeeded().Output.Split('\n').FirstOrDefault(r => r.Contains(recipient, StringComparison.Ordinal));
            if (row is null) return false;
            reason = (await server.CliAsync("queue", "show", row.Split('\t')[0])).Succeeded().Output;
            return reason.Contains("451", StringComparison.Ordinal);
        }, $"{recipient} waits", Patience);
        return reason;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var receiver in _receivers)
        {
            await receiver.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
