using System.Globalization;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Setup;

/// <summary>
/// A machine on which the server cannot start, or on which a check cannot do its work: one line on the terminal, nothing else. The process has no
/// capabilities here, so it may do no more than an ordinary user. Damaged files are covered by the unit tests of the same name.
/// </summary>
public sealed class FailedStartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("start-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ClientFact("setpriv", "unshare", "chown")]
    public async Task A_start_that_fails_prints_one_line_and_nothing_else()
    {
        var port = ServerPorts.Free().Smtp;
        (string Name, string Config, string Prepare, int Code, string[] Words)[] cells =
        [
            ("port below 1024", Config("smtp_port: 25"), "", 1, ["port 25 (server.smtp_port)", "CAP_NET_BIND_SERVICE", "systemctl start mailserver"]),
            ("no such address", Config($"smtp_port: {port}, listen: 203.0.113.9"), "", 78, ["server.listen", "203.0.113.9", "not an address of this machine"]),
            ("data of another user", Config($"smtp_port: {port}"), "chown -R 65534 data", 1, ["data", "denied", "chown"]),
            ("configuration of another user", Config($"smtp_port: {port}"), "chown 65534 config.yaml; chmod 600 config.yaml", 78, ["config.yaml", "cannot be read"]),
            ("no configuration", Config($"smtp_port: {port}"), "rm config.yaml", 78, ["config.yaml", "does not exist", "--config"]),
            ("invalid configuration", "server: {hostname: }}", "", 78, ["config.yaml:1"]),
            ("read-only disk", Config($"smtp_port: {port}"), "mount --bind data data && mount -o remount,ro,bind data", 1, ["data", "ead-only"]),
            ("few descriptors", Config($"smtp_port: {port}"), "ulimit -n 300", 1, ["limit of 300 open files", "LimitNOFILE"]),
            ("no setup", Config($"smtp_port: {port}"), "rm -r data", 1, ["mail.db", "mailserver migrate"]),
        ];
        var faults = new List<string>();
        foreach (var (name, config, prepare, code, words) in cells)
        {
            await PrepareAsync(config);
            // A mount namespace of its own, then no capabilities.
            var script = $"cd {_folder}; {(prepare.Length > 0 ? prepare + "; " : "")}exec setpriv --bounding-set=-all --inh-caps=-all timeout -s KILL 60 {ProjectPaths.Executable} serve --config {_folder}/config.yaml";
            var run = await ProgramRun.StartAsync("unshare", ["-m", "bash", "-c", script]);
            var lines = run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (run.ExitCode != code || run.Output.Length > 0 || lines.Length != 1 || !Array.TrueForAll(words, w => lines[0].Contains(w, StringComparison.Ordinal)))
                faults.Add($"{name}: {run.ExitCode}: {run.Everything}");
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [ClientFact("setpriv", "chown")]
    public async Task Commands_of_a_user_who_may_not_read_the_data_say_so_and_nothing_else()
    {
        await PrepareAsync(Config("smtp_port: 1025"));
        (await ProgramRun.StartAsync("chown", ["-R", "65534", Path.Combine(_folder, "data")])).Succeeded();
        var faults = new List<string>();
        foreach (var command in new[]
        {
            "user list", "user list --json", "domain list", "alias list", "audit", "status", "sessions list", "queue list", "doctor", "check", "tls reload", "user add a@example.org --password correct.horse",
            "backup backups", "export mail --account a@example.org", "import mbox config.yaml --account a@example.org",
        })
        {
            var run = await ProgramRun.StartAsync("setpriv", ["--bounding-set=-all", "--inh-caps=-all", "bash", "-c", $"cd {_folder}; exec {ProjectPaths.Executable} {command} --config config.yaml"]);
            var lines = run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (run.ExitCode != 1 || run.Output.Length > 0 || lines is not [var line] || !(line.Contains("denied", StringComparison.Ordinal) || line.Contains("is open only to root", StringComparison.Ordinal)) || !line.Contains("data", StringComparison.Ordinal))
                faults.Add($"{command}: {run.ExitCode}: {run.Everything}");
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [ClientFact("unshare", "mount")]
    public async Task Without_a_resolver_the_server_starts_and_every_check_of_DNS_says_so()
    {
        await PrepareAsync(Config(string.Create(CultureInfo.InvariantCulture, $"smtp_port: {ServerPorts.Free().Smtp}")));
        const string Words = "no DNS server is known; name one in /etc/resolv.conf or in dns.servers";
        await File.WriteAllTextAsync(Path.Combine(_folder, "message.eml"), "From: a@example.org\r\n\r\nx\r\n");
        foreach (var resolv in new[] { "/dev/null", Path.Combine(_folder, "odd.conf") })
        {
            await File.WriteAllTextAsync(Path.Combine(_folder, "odd.conf"), "nameserver nowhere\n");
            foreach (var (command, code) in new[] { ("dns check example.org", 1), ("preflight", 1), ("spf check 192.0.2.1 a@example.org mail.example.org", 0), ("dmarc check message.eml --ip 192.0.2.1 --from a@example.org --helo mail.example.org", 0), ("mta-sts show example.org", 1), ("dane show example.org", 1) })
            {
                var run = await ProgramRun.StartAsync("unshare", ["-m", "bash", "-c", $"cd {_folder}; mount --bind {resolv} /etc/resolv.conf && exec {ProjectPaths.Executable} {command} --config {_folder}/config.yaml"]);
                Assert.True(run.ExitCode is 0 or 1, $"{command}: {run.ExitCode}: {run.Everything}");
                Assert.DoesNotContain("   at ", run.Everything, StringComparison.Ordinal);
                Assert.DoesNotContain("unexpected error", run.Everything, StringComparison.Ordinal);
                if (command is "dns check example.org" or "preflight") Assert.Contains(Words, run.Everything, StringComparison.Ordinal);
                if (command is "dns check example.org") Assert.Equal((code, $"mailserver: {Words}\n"), (run.ExitCode, run.Everything));
            }
        }

        await using var server = new BackgroundProgram(_folder, "unshare", "-m", "bash", "-c", $"mount --bind /dev/null /etc/resolv.conf && exec {ProjectPaths.Executable} serve --config {_folder}/config.yaml");
        await Eventually.BecomesTrueAsync(() => server.HasEnded || server.Output.Contains(" starting as ", StringComparison.Ordinal), "the server starts");
        Assert.False(server.HasEnded, server.Output);
        await server.InterruptAsync();
    }

    private string Config(string server) => $$"""
        server: {hostname: mail.example.org, submission_port: 0, smtps_port: 0, imap_port: 0, imaps_port: 0, dav_port: 0{{(server.Contains("listen", StringComparison.Ordinal) ? "" : ", listen: 127.0.0.1")}}, {{server}}}
        storage: {data_dir: {{_folder}}/data}
        security: {argon2_memory: 64KB, argon2_passes: 1}
        """;

    private async Task PrepareAsync(string config)
    {
        foreach (var folder in Directory.GetDirectories(_folder)) Directory.Delete(folder, recursive: true);
        var good = Path.Combine(_folder, "good.yaml");
        await File.WriteAllTextAsync(good, Config("smtp_port: 1025"));
        (await ProgramRun.StartAsync(ProjectPaths.Executable, ["migrate", "--config", good])).Succeeded();
        File.Delete(Path.Combine(_folder, "config.yaml"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "config.yaml"), config);
    }
}
