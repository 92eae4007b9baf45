using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using MailServer.EndToEnd.Tests.Setup;
using MailServer.Network.Tests.Acme;

namespace MailServer.EndToEnd.Tests.RunningServer;

/// <summary>A real process and every signal, as documented in docs/operations.md, and a log pipe that is not read.</summary>
public sealed partial class SignalTests
{
    private const string Stops = "stops";
    private const string Ends = "ends";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Signals such as SIGSTOP need SIGCONT afterwards.
    private static readonly string[] Pauses = ["19", "20", "21", "22"];

    [Fact]
    public async Task Every_signal_has_its_documented_effect()
    {
        var rows = Documented();
        Assert.Equal(Enumerable.Range(1, 64).Except([32, 33]).Select(static n => n.ToString(CultureInfo.InvariantCulture)), rows.Select(static r => r.Number).OrderBy(static n => int.Parse(n, CultureInfo.InvariantCulture)));
        var folder = Directory.CreateTempSubdirectory("signals-").FullName;
        var (certificate, key) = WriteCertificate(folder, "mail.example.test");
        await using var server = await ServerProcess.CreateAsync(new ServerSettings { AutoTls = $"  auto_tls: false\n  cert_file: {certificate}\n  key_file: {key}" });
        await server.StartAsync();
        var log = Path.Combine(server.Folder, "server.log");
        foreach (var (number, _) in rows.Where(static r => r.Effect is not (Stops or Ends)))
        {
            await Signals.SendAsync(server.ProcessId, number);
            if (Pauses.Contains(number)) await Signals.SendAsync(server.ProcessId, "CONT");
        }

        await server.AssertServesAsync();

        // A rotated log, with and without the signal; and a new certificate.
        File.Move(log, log + ".1");
        WriteCertificate(folder, "mail.example.test");
        foreach (var (number, effect) in rows.Where(static r => r.Effect is "reloads" or "reopens"))
        {
            await Signals.SendAsync(server.ProcessId, number);
            var name = number == "1" ? "SIGHUP" : "SIGUSR1";
            await Eventually.BecomesTrueAsync(() => File.Exists(log) && File.ReadAllText(log).Contains($"\"Signal\":\"{name}\"", StringComparison.Ordinal), $"{name} ({effect}) is in the new log", Patience);
        }

        await Eventually.BecomesTrueAsync(() => File.ReadAllText(log).Contains("\"Outcome\":\"taken\"", StringComparison.Ordinal), "the certificate was read", Patience);
        Assert.DoesNotContain("\"Outcome\":\"taken\"", File.ReadAllText(log + ".1"), StringComparison.Ordinal);
        await server.AssertServesAsync();
        foreach (var (number, _) in rows.Where(static r => r.Effect == Stops))
        {
            Assert.Equal(0, await server.StopAsync(number));
            await server.StartAsync();
        }

        // Of the signals that end the process, one that writes no core file.
        foreach (var number in new[] { "9" })
        {
            Assert.NotEqual(0, await server.StopAsync(number));
            await server.StartAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_blocked_log_pipe_delays_neither_mail_nor_the_shutdown()
    {
        await using var server = await ServerProcess.CreateAsync();
        var text = await File.ReadAllTextAsync(server.ConfigFile);
        await File.WriteAllTextAsync(server.ConfigFile, text.Replace($"output: {server.Folder}/server.log", "output: stdout", StringComparison.Ordinal).Replace("level: info", "level: trace", StringComparison.Ordinal));
        var output = Path.Combine(server.Folder, "output.log");
        (await ProgramRun.StartAsync("mkfifo", [output])).Succeeded();
        // The pipe is open, full, and never read.
        const int Capacity = 64 * 1024;
        await using (var reader = new FileStream(output, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0))
        {
            await reader.WriteAsync(new byte[Capacity]);
            await server.StartAsync();
            var user = await server.AddUserAsync();
            for (var i = 0; i < 10; i++) await server.DeliverAsync(TestMail.Text(user, "unread " + i.ToString(CultureInfo.InvariantCulture)), user);
            await Eventually.BecomesTrueAsync(() => server.FilesWith("unread").Count == 10, "all are delivered", Patience);
            await Eventually.BecomesTrueAsync(async () =>
            {
                await server.DeliverAsync(TestMail.Text(user, "more"), user);
                return (await server.CliAsync("status")).Succeeded().Output.Contains("nothing reads the log on stdout", StringComparison.Ordinal);
            }, "status tells", Patience);
            Assert.Contains("nothing reads the log on stdout", (await server.CliAsync("doctor")).Output, StringComparison.Ordinal);
            Assert.Equal(0, await server.StopAsync());
            await AssertSecondSignalEndsAtOnceAsync(server);
        }

        File.Delete(output);
    }

    [Fact]
    public async Task An_unwritable_log_file_is_reported_everywhere_until_it_is_writable()
    {
        await using var server = await ServerProcess.CreateAsync();
        var log = Path.Combine(server.Folder, "server.log");
        File.Delete(log);
        Directory.CreateDirectory(log);
        var check = await server.CliAsync("config", "check");
        Assert.Equal(0, check.ExitCode);
        Assert.Contains($"the log file cannot be written: '{log}' is a directory", check.Everything, StringComparison.Ordinal);
        await server.StartAsync();
        await Eventually.BecomesTrueAsync(() => File.ReadAllText(Path.Combine(server.Folder, "output.log")).Contains($"mailserver: the log cannot be written to {log}", StringComparison.Ordinal), "the start says it");
        foreach (var command in new[] { "status", "doctor" }) Assert.Contains($"the log cannot be written to {log}", (await server.CliAsync(command)).Output, StringComparison.Ordinal);
        Directory.Delete(log);
        await Signals.SendAsync(server.ProcessId, "HUP");
        await Eventually.BecomesTrueAsync(async () => !(await server.CliAsync("status")).Output.Contains("the log cannot be written", StringComparison.Ordinal), "status is clear again", Patience);
        Assert.Contains("starting as", await File.ReadAllTextAsync(log), StringComparison.Ordinal);
        (await server.CliAsync("config", "check")).Succeeded();
    }

    [ClientFact(PebbleServer.Program)]
    public async Task A_DNS_hook_is_ended_together_with_the_server()
    {
        await using var pebble = await PebbleServer.StartAsync();
        var folder = Directory.CreateTempSubdirectory("hook-").FullName;
        var (hook, pids) = (Path.Combine(folder, "hook"), Path.Combine(folder, "pids"));
        await File.WriteAllTextAsync(hook, $"#!/bin/sh\ntrap '' TERM HUP INT\nsleep 600 &\necho $$ $! >{pids}.new\nmv {pids}.new {pids}\nwait\n");
        File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var settings = CertificateIssuanceTests.Settings(pebble);
        await using var server = await ServerProcess.CreateAsync(settings with { AutoTls = settings.AutoTls + $"\n  acme_challenge: dns-01\n  acme_dns_hook: {hook}" });
        foreach (var signal in new[] { "KILL", "TERM" })
        {
            File.Delete(pids);
            await server.StartAsync();
            await Eventually.BecomesTrueAsync(() => File.Exists(pids), "the hook runs", Patience);
            var processes = (await File.ReadAllTextAsync(pids)).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(2, processes.Length);
            await server.StopAsync(signal);
            await Eventually.BecomesTrueAsync(() => !processes.Any(IsAlive), $"nothing of the hook is left after SIG{signal}", Patience);
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Queued log lines delay the shutdown for three seconds at most: time for another signal.</summary>
    private static async Task AssertSecondSignalEndsAtOnceAsync(ServerProcess server)
    {
        const int Terminated = 128 + 15;
        var soon = TimeSpan.FromSeconds(2);
        while (true)
        {
            await server.StartAsync();
            var watch = Stopwatch.StartNew();
            await Signals.SendAsync(server.ProcessId, "TERM");
            await Task.Delay(TimeSpan.FromMilliseconds(700));
            var code = await server.StopAsync();
            // On a busy machine the signal may have come too late.
            if (code == 0 && watch.Elapsed > soon) continue;
            Assert.Equal(Terminated, code);
            return;
        }
    }

    /// <summary>True if the process exists and is not a zombie.</summary>
    private static bool IsAlive(string pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The rows of the table in docs/operations.md: the signal numbers and the first word of the effect.</summary>
    private static List<(string Number, string Effect)> Documented()
    {
        var rows = new List<(string, string)>();
        foreach (var line in File.ReadLines(Path.Combine(ProjectPaths.Root, "docs/operations.md")))
        {
            if (Row().Match(line) is not { Success: true } row) continue;
            foreach (var signal in Number().Matches(row.Groups["signals"].Value).Select(static m => m.Groups))
            {
                var first = int.Parse(signal["first"].Value, CultureInfo.InvariantCulture);
                var last = signal["last"].Success ? int.Parse(signal["last"].Value, CultureInfo.InvariantCulture) : first;
                for (var n = first; n <= last; n++) rows.Add((n.ToString(CultureInfo.InvariantCulture), row.Groups["effect"].Value));
            }
        }

        return rows;
    }

    /// <summary>Writes a certificate file and its key, with a new key each time.</summary>
    private static (string Certificate, string Key) WriteCertificate(string folder, string name)
    {
        var (certificate, key) = (Path.Combine(folder, "cert.pem"), Path.Combine(folder, "key.pem"));
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, pair, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(90));
        File.WriteAllText(key, pair.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certificate, made.ExportCertificatePem());
        return (certificate, key);
    }

    [GeneratedRegex(@"^\| (?<signals>`SIG[^|]*) \| (?<effect>\w+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Row();

    [GeneratedRegex(@"\((?<first>\d+)( to (?<last>\d+))?\)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Number();
}
