using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests.Acme;

namespace MailServer.EndToEnd.Tests.Setup;

/// <summary>A running server with a certificate authority on loopback.</summary>
public sealed class CertificateIssuanceTests
{
    private static readonly TimeSpan Order = TimeSpan.FromSeconds(60);

    [ClientFact(PebbleServer.Program)]
    public async Task Certificates_are_ordered_automatically_replaced_under_open_connections_and_survive_an_outage_of_the_CA()
    {
        await using var pebble = await PebbleServer.StartAsync();
        await using var server = await ServerProcess.StartNewAsync(Settings(pebble));

        // First a self-signed certificate, then that of the authority: for the host name and for the names of the domain that are in DNS.
        await Eventually.BecomesTrueAsync(async () => (await IssuerAsync(server, "mail.example.test")).Contains("Pebble", StringComparison.Ordinal), "the host has a certificate", Order);
        await Eventually.BecomesTrueAsync(async () => (await IssuerAsync(server, "autoconfig.example.test")).Contains("Pebble", StringComparison.Ordinal), "autoconfig has one", Order);

        var before = await ShowAsync(server);
        Assert.Contains(before, c => c.Name == "mail.example.test" && c.Days > 30 && c.Failure.Length == 0);

        await using var open = await ConnectAsync(server, "mail.example.test");
        var first = await SerialAsync(server);
        (await server.CliAsync("tls", "renew", "mail.example.test")).Succeeded();
        await Eventually.BecomesTrueAsync(async () => await SerialAsync(server) != first, "another certificate is shown", Order);
        Assert.Equal(before.Single(c => c.Name == "mail.example.test").KeyHash, (await ShowAsync(server)).Single(c => c.Name == "mail.example.test").KeyHash);
        await open.WriteAsync("a NOOP\r\n"u8.ToArray());
        Assert.StartsWith("a OK", await LineAsync(open), StringComparison.Ordinal);

        await pebble.StopAsync();
        (await server.CliAsync("tls", "renew", "mail.example.test")).Succeeded();
        await Eventually.BecomesTrueAsync(async () => (await ShowAsync(server)).Any(c => c.Failure.Length > 0), "the failure is shown", Order);
        Assert.Contains("Pebble", await IssuerAsync(server, "mail.example.test"), StringComparison.Ordinal);
        var doctor = await server.CliAsync("doctor");
        Assert.Contains("the last order failed", doctor.Output, StringComparison.Ordinal);
        Assert.Contains("the next try is at", doctor.Output, StringComparison.Ordinal);
        var status = (await server.CliAsync("status")).Succeeded().Output;
        Assert.Matches("warning\tcertificate mail.example.test: issued by .*the last order failed at", status);
        Assert.Contains("the next try is at", status, StringComparison.Ordinal);

        // A restart without the authority keeps the certificates, and the files are private.
        await server.RestartAsync();
        await Eventually.BecomesTrueAsync(async () => (await IssuerAsync(server, "mail.example.test")).Contains("Pebble", StringComparison.Ordinal), "the kept certificate is shown", Order);
        Assert.All(Directory.GetFiles(Path.Combine(server.Folder, "acme"), "*.key"), f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
    }

    [ClientFact(PebbleServer.Program, "curl")]
    public async Task Port_80_redirects_to_HTTPS_and_answers_only_known_challenge_tokens()
    {
        await using var pebble = await PebbleServer.StartAsync();
        await using var server = await ServerProcess.StartNewAsync(Settings(pebble));
        var plain = $"http://127.0.0.1:{pebble.HttpPort}";
        var page = (await ProgramRun.StartAsync("curl", ["-s", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", "-H", "Host: mail.example.test", plain + "/caldav/?x=1"])).Succeeded().Output;
        Assert.Equal($"308 https://mail.example.test:{server.Ports.Dav}/caldav/?x=1", page);
        var token = (await ProgramRun.StartAsync("curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}", plain + "/.well-known/acme-challenge/nothing"])).Succeeded().Output;
        Assert.Equal("404", token);
    }

    [Fact]
    public async Task Without_a_running_server_the_certificate_files_are_shown()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var running = await ShowAsync(server);
        Assert.Equal("self-signed", Assert.Single(running).Source);
        Assert.Equal(0, await server.StopAsync());
        Assert.Equal(running[0].KeyHash, Assert.Single(await ShowAsync(server)).KeyHash);
    }

    internal static ServerSettings Settings(PebbleServer pebble) => new()
    {
        Extra = string.Create(CultureInfo.InvariantCulture, $"""
            dns:
              servers: 127.0.0.1:{pebble.DnsPort}
            """),
        AutoTls = $"  auto_tls: true\n  email: postmaster@example.test\n  acme_directory: {pebble.Authority}\n  acme_rehearsal: {pebble.Authority}\n  acme_ca_file: {pebble.CaFile}",
        HttpPort = pebble.HttpPort,
    };

    private static async Task<List<CertificateRow>> ShowAsync(ServerProcess server)
    {
        using var json = JsonDocument.Parse((await server.CliAsync("tls", "show", "--json")).Succeeded().Output);
        return [.. json.RootElement.EnumerateArray().Select(e => new CertificateRow(
            e.GetProperty("name").GetString()!,
            e.GetProperty("source").GetString()!,
            e.GetProperty("failure").GetString()!,
            e.GetProperty("key_hash").GetString()!,
            double.TryParse(e.GetProperty("days_left").GetString(), CultureInfo.InvariantCulture, out var days) ? days : -1))];
    }

    private static async Task<string> IssuerAsync(ServerProcess server, string name)
    {
        await using var tls = await ConnectAsync(server, name);
        return tls.RemoteCertificate!.Issuer;
    }

    private static async Task<string> SerialAsync(ServerProcess server)
    {
        await using var tls = await ConnectAsync(server, "mail.example.test");
        return tls.RemoteCertificate!.GetSerialNumberString();
    }

    /// <summary>Connects to IMAP over TLS and reads the greeting.</summary>
    private static async Task<SslStream> ConnectAsync(ServerProcess server, string name)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", server.Ports.Imaps);
        var tls = new SslStream(tcp.GetStream(), leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = name, RemoteCertificateValidationCallback = static (_, _, _, _) => true, CertificateRevocationCheckMode = X509RevocationMode.NoCheck });
        await LineAsync(tls);
        return tls;
    }

    private static async Task<string> LineAsync(SslStream tls)
    {
        using var reader = new StreamReader(tls, leaveOpen: true);
        return await reader.ReadLineAsync() ?? "";
    }

    private sealed record CertificateRow(string Name, string Source, string Failure, string KeyHash, double Days);
}
