using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Setup;

/// <summary>The server as a systemd service: sandboxing, readiness, watchdog, socket activation.</summary>
public sealed partial class SystemdTests
{
    private const string Unit = "deploy/systemd/mailserver.service";

    [ClientFact("systemd-analyze")]
    public async Task The_unit_has_a_low_exposure_score()
    {
        var run = (await ProgramRun.StartAsync("systemd-analyze", ["security", "--offline=true", "--no-pager", Path.Combine(ProjectPaths.Root, Unit)])).Succeeded();
        var exposure = double.Parse(Exposure().Match(run.Output).Groups["level"].Value, CultureInfo.InvariantCulture);
        Assert.True(exposure < 2.0, $"exposure {exposure}");
    }

    [Fact]
    public void A_reload_of_the_unit_reopens_the_log_and_logrotate_uses_it()
    {
        Assert.Contains("ExecReload=/bin/kill -HUP $MAINPID", File.ReadAllLines(Path.Combine(ProjectPaths.Root, Unit)));
        var rotation = File.ReadAllText(Path.Combine(ProjectPaths.Root, "deploy/logrotate/mailserver"));
        Assert.Contains("systemctl reload mailserver.service", rotation, StringComparison.Ordinal);
        Assert.StartsWith("/var/log/mailserver/", rotation.Split('\n').First(static l => !l.StartsWith('#')), StringComparison.Ordinal);
        Assert.Contains("LogsDirectory=mailserver", File.ReadAllLines(Path.Combine(ProjectPaths.Root, Unit)));
    }

    [Fact]
    public async Task Systemd_is_notified_that_the_server_is_ready_and_alive()
    {
        await using var server = await ServerProcess.CreateAsync();
        var path = Path.Combine(server.Folder, "notify");
        using var notified = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        notified.Bind(new UnixDomainSocketEndPoint(path));
        var words = new StringBuilder();
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await server.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["NOTIFY_SOCKET"] = path, ["WATCHDOG_USEC"] = "1000000" });
        var buffer = new byte[512];
        while (Alive().Count(words.ToString()) < 3)
        {
            var read = await notified.ReceiveAsync(buffer, end.Token);
            words.Append(Encoding.UTF8.GetString(buffer, 0, read)).Append('\n');
        }

        Assert.Contains("READY=1", words.ToString(), StringComparison.Ordinal);
    }

    [ClientFact("systemd-socket-activate")]
    public async Task Sockets_passed_by_systemd_are_used()
    {
        await using var server = await ServerProcess.CreateAsync();
        var start = new ProcessStartInfo("systemd-socket-activate", ["-l", $"127.0.0.1:{server.Ports.Smtp}", "-l", $"127.0.0.1:{server.Ports.Imap}", "-E", "DOTNET_ROOT", ProjectPaths.Executable, "serve", "--config", server.ConfigFile])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_ROOT"] = ProjectPaths.DotnetRoot;
        using var process = Process.Start(start)!;
        try
        {
            // The first client connects to the socket of systemd, before the server has started, and is served.
            await Eventually.BecomesTrueAsync(() => File.ReadAllText("/proc/net/tcp").Contains($":{server.Ports.Smtp:X4} 00000000:0000 0A", StringComparison.Ordinal), "systemd listens");
            await using var wire = await WireClient.ConnectAsync(server.Ports.Smtp);
            Assert.StartsWith("220 ", await wire.SmtpReplyAsync(), StringComparison.Ordinal);
            // A port bound twice would have failed the start: the server serves these and its own ports.
            await using var imap = await WireClient.ConnectAsync(server.Ports.Imap);
            await Eventually.BecomesTrueAsync(() => AnswersAsync(server.Ports.Submission), "the other ports are open", TimeSpan.FromSeconds(30));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"exposure level for \S+: (?<level>[0-9.]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Exposure();

    [GeneratedRegex("WATCHDOG=1", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Alive();
}
