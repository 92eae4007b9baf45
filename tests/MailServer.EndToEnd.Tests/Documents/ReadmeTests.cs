using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MailKit.Net.Imap;
using MailKit.Security;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Documents;

/// <summary>Runs the commands of README.md as they stand there, in a folder that takes the place of <c>/etc</c>, <c>/opt</c> and <c>/var/lib</c>.</summary>
public sealed partial class ReadmeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("readme-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ClientFact("script", "openssl")]
    public async Task The_production_quick_start_ends_with_a_server_that_signs_its_user_in()
    {
        var ports = ServerPorts.Free();
        await PrepareAsync();
        var script = Elsewhere(string.Join('\n', Blocks("production")));
        Assert.Contains("systemctl enable --now mailserver", script, StringComparison.Ordinal);
        var run = await ProgramRun.StartAsync(
            "bash",
            ["-eu", "-o", "pipefail", "-c", script],
            directory: Checkout.Root,
            environment: Environment(ports),
            timeout: TimeSpan.FromMinutes(5));
        try
        {
            run.Succeeded();
            Assert.Contains("mail._domainkey.example.org", run.Output, StringComparison.Ordinal);
            Assert.Contains("v=DKIM1", run.Output, StringComparison.Ordinal);
            await Eventually.BecomesTrueAsync(() => SignsInAsync(ports.Imaps), "anna signs in", TimeSpan.FromSeconds(20));
        }
        finally
        {
            await StopAsync();
        }
    }

    [Fact]
    public async Task The_first_command_starts_a_server()
    {
        var command = Assert.Single(Blocks("try")).Trim().Replace("src/MailServer", Path.Combine(Checkout.Root, "src/MailServer"), StringComparison.Ordinal);

        await using var server = new BackgroundProgram(_folder, "bash", "-c", "exec " + command);
        await Eventually.BecomesTrueAsync(() => server.HasEnded || server.Output.Contains("swaks", StringComparison.Ordinal), "it prints its lines", TimeSpan.FromMinutes(3));
        Assert.Contains("swaks", server.Output, StringComparison.Ordinal);
        await server.InterruptAsync();
        Assert.True(Directory.Exists(Path.Combine(_folder, "localserve-data")), server.Output);
    }

    [Fact]
    public async Task The_commands_that_explain_a_verdict_and_change_keys_are_there()
    {
        await using var server = await ServerProcess.CreateAsync();
        foreach (var command in (Assert.Single(Blocks("explain")) + Assert.Single(Blocks("rotation"))).Trim().Split('\n'))
        {
            var words = command.Split(' ');
            var help = (await server.CliAsync(words[1], words[2], "--help")).Succeeded().Output;
            foreach (var option in words.Where(w => w.StartsWith("--", StringComparison.Ordinal))) Assert.Contains(option, help, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_command_of_the_README_belongs_to_a_test()
    {
        // tests/run.sh is what runs this test.
        var untested = Fence().Matches(Text()).Where(m => m.Groups["info"].Value.Trim() == "sh").Select(m => m.Groups["body"].Value.Trim());
        Assert.Equal(["tests/run.sh"], untested);
    }

    private static string Text() => File.ReadAllText(Path.Combine(Checkout.Root, "README.md"));

    private static IReadOnlyList<string> Blocks(string name) =>
        [.. Fence().Matches(Text()).Where(m => m.Groups["info"].Value.Trim() == "sh test=" + name).Select(m => m.Groups["body"].Value)];

    private static async Task<bool> SignsInAsync(int port)
    {
        using var client = new ImapClient { ServerCertificateValidationCallback = static (_, _, _, _) => true, CheckCertificateRevocation = false };
        try
        {
            await client.ConnectAsync("127.0.0.1", port, SecureSocketOptions.SslOnConnect);
            await client.AuthenticateAsync("anna@example.org", ServerProcess.Password);
            return true;
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    /// <summary>What needs root or systemd on a real machine, as small programs that come first on the path; and a certificate.</summary>
    private async Task PrepareAsync()
    {
        Stub("useradd", "exit 0");
        Stub("install", "args=(); while [ $# -gt 0 ]; do case $1 in -o|-g) shift 2;; *) args+=(\"$1\"); shift;; esac; done; exec /usr/bin/install \"${args[@]}\"");

        // A user types the new password twice, on a terminal.
        var typed = $"(for i in 1 2; do sleep 2; echo '{ServerProcess.Password}'; done; sleep 1)";
        var config = Path.Combine(_folder, "etc/mailserver/config.yaml");
        Stub("runuser", $"shift 3; if [ \"$2 $3\" = 'user add' ]; then {typed} | script -qec \"$* --config {config}\" /dev/null; else exec \"$@\" --config {config}; fi");
        Stub("systemctl", $"[ \"$1\" = enable ] || exit 0; c=$(sed -n 's/^ExecStart=//p' {_folder}/etc/systemd/system/mailserver.service | sed 's#/opt/#{_folder}/opt/#; s#/etc/#{_folder}/etc/#'); nohup $c >{_folder}/output.log 2>&1 </dev/null & echo $! >{_folder}/pid");
        Directory.CreateDirectory(Path.Combine(_folder, "etc/systemd/system"));
        var tls = Directory.CreateDirectory(Path.Combine(_folder, "etc/mailserver/tls")).FullName;
        string[] request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=mail.example.org", "-keyout", tls + "/key.pem", "-out", tls + "/fullchain.pem"];
        (await ProgramRun.StartAsync("openssl", request)).Succeeded();
    }

    private void Stub(string name, string script)
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName, name);
        File.WriteAllText(file, "#!/bin/bash\n" + script + "\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string Elsewhere(string script) => SystemFolder().Replace(script, m => _folder + m.Value);

    private Dictionary<string, string> Environment(ServerPorts ports)
    {
        static string Port(int port) => port.ToString(CultureInfo.InvariantCulture);
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = Path.Combine(_folder, "bin") + ":" + Checkout.DotnetRoot + ":" + System.Environment.GetEnvironmentVariable("PATH"),
            ["MAILSERVER_SERVER__LISTEN"] = "127.0.0.1",
            ["MAILSERVER_SERVER__SMTP_PORT"] = Port(ports.Smtp),
            ["MAILSERVER_SERVER__SUBMISSION_PORT"] = Port(ports.Submission),
            ["MAILSERVER_SERVER__SMTPS_PORT"] = Port(ports.Submissions),
            ["MAILSERVER_SERVER__IMAP_PORT"] = Port(ports.Imap),
            ["MAILSERVER_SERVER__IMAPS_PORT"] = Port(ports.Imaps),
            ["MAILSERVER_SERVER__DAV_PORT"] = Port(ports.Dav),
            ["MAILSERVER_ADMIN__PORT"] = Port(ports.Admin),
        };
    }

    private async Task StopAsync()
    {
        var file = Path.Combine(_folder, "pid");
        if (File.Exists(file))
        {
            await ProgramRun.StartAsync("/bin/sh", ["-c", $"p=$(cat {file}); kill -TERM $p; for i in $(seq 100); do kill -0 $p 2>/dev/null || exit 0; sleep 0.1; done; kill -KILL $p"]);
        }
    }

    [GeneratedRegex(@"(?<![\w.])/(etc|opt|var/lib)/", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex SystemFolder();

    [GeneratedRegex("^```(?<info>sh[^\n]*)\n(?<body>.*?)^```", RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Fence();
}
