using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MailServer.Configuration;
using MailServer.Hosting;
using MailServer.Network.Listeners;
using MailServer.Network.Tests;

namespace MailServer.Tests.Commands;

/// <summary>A port that another program has opened stops the start with one line that names the port and its key.</summary>
public sealed class TakenPortTests : IDisposable
{
    private readonly CommandRunner _commands = new();

    public static TheoryData<string> Keys() => [.. All()];

    private static string[] All()
    {
        var options = new MailServerOptions();
        options = options with { Admin = options.Admin with { Enabled = true, Port = 9 }, Cluster = options.Cluster with { Enabled = true, Port = 9 } };
        var server = options.Server with { SmtpPort = 1, SubmissionPort = 2, SmtpsPort = 3, ImapPort = 4, ImapsPort = 5, DavPort = 6, HttpPort = 7, HttpsPort = 8, ManagesievePort = 10, ManagesievesPort = 11 };
        return [.. ListenRules.Ports(options with { Server = server }).Select(static p => p.Key)];
    }

    /// <summary>Port keys that name the port of another host.</summary>
    private static readonly string[] Elsewhere = ["delivery.smtp_port", "delivery.mta_sts_port"];

    [Fact]
    public void Every_port_key_is_checked()
    {
        var known = ConfigurationKeys.Sections.Values.SelectMany(static s => s.KeyNames.Select(k => $"{s.Name}.{k}")).Where(static k => k.EndsWith("port", StringComparison.Ordinal)).Except(Elsewhere);
        Assert.Equal(known.Order(StringComparer.Ordinal), All().Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task A_start_names_the_port_that_is_taken(string key)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        Configure(key, port);
        var name = string.Create(CultureInfo.InvariantCulture, $"port {port} ({key})");
        Assert.Equal($"mailserver: {name} is in use by another program; is this server already running?", await _commands.FailedAsync(1, "serve"));
        Assert.Contains($"{name}\tproblem\tis in use by another program", (await _commands.RunAsync("preflight", "--offline")).Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SocketError.AddressAlreadyInUse, "in use by another program")]
    [InlineData(SocketError.AccessDenied, "CAP_NET_BIND_SERVICE")]
    [InlineData(SocketError.AddressNotAvailable, "is not an address of this machine")]
    public void A_port_that_was_taken_after_the_check_is_named(SocketError error, string reason)
    {
        // Opened by this start before the one that failed, so a second check would blame it.
        using var http = new TcpListener(IPAddress.Loopback, 0);
        http.Start();
        var options = new MailServerOptions { Server = new ServerOptions { Listen = [IPAddress.Loopback], HttpPort = ((IPEndPoint)http.LocalEndpoint).Port, SmtpPort = 2525 } };
        var failure = new AggregateException(new ListenFailedException(new IPEndPoint(IPAddress.Loopback, 2525), new SocketException((int)error)));
        var text = StartFailure.Describe(failure, options);
        Assert.StartsWith("port 2525 (server.smtp_port)", text, StringComparison.Ordinal);
        Assert.Contains(reason, text, StringComparison.Ordinal);
    }

    public void Dispose() => _commands.Dispose();

    private void Configure(string key, int port)
    {
        var keys = All();
        var ports = keys.ToDictionary(static k => k, k => k == key ? port : FreePort.Take());
        string Section(string name) => string.Join(", ", keys.Where(k => k.StartsWith(name + ".", StringComparison.Ordinal)).Select(k => string.Create(CultureInfo.InvariantCulture, $"{k[(name.Length + 1)..]}: {ports[k]}")));
        _commands.ConfigureExactly($$"""
            server: {hostname: mail.example.org, listen: 127.0.0.1, {{Section("server")}}}
            storage: {data_dir: {{_commands.Data}}}
            admin: {enabled: true, {{Section("admin")}}}
            cluster: {enabled: true, node: a, listen: 127.0.0.1, {{Section("cluster")}}, seeds: ["127.0.0.1:{{ports["cluster.port"]}}"], database: "Host=127.0.0.1;Database=none"}
            """);
    }
}
