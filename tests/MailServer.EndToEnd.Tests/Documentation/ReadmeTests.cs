using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MailKit.Net.Imap;
using MailKit.Security;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests.Acme;

namespace MailServer.EndToEnd.Tests.Documentation;

/// <summary>Runs the commands of README.md unchanged, in a folder that replaces <c>/etc</c>, <c>/opt</c> and <c>/var/lib</c>.</summary>
[Collection(LocalServeTests.UsualPorts)]
public sealed partial class ReadmeTests : IDisposable
{
    /// <summary>Set when the test runs in its own network namespace, where all ports are free.</summary>
    private const string OwnNetwork = "MAILSERVER_TEST_OWN_NETWORK";

    private static readonly ServerPorts Standard = new(25, 587, 465, 143, 993, 443, 8080);

    private readonly string _folder = Directory.CreateTempSubdirectory("readme-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ClientFact(PebbleServer.Program)]
    public async Task The_production_quick_start_ends_with_a_server_that_accepts_its_user_with_a_certificate_of_its_CA()
    {
        var alone = System.Environment.GetEnvironmentVariable(OwnNetwork) == "1";
        var ports = alone ? Standard : ServerPorts.Free();
        await using var pebble = await PebbleServer.StartAsync(httpPort: alone ? 80 : null);
        Prepare();
        var script = Elsewhere(string.Join('\n', Blocks("production")));
        Assert.Contains("systemctl enable --now mailserver", script, StringComparison.Ordinal);
        var run = await ProgramRun.StartAsync(
            "bash",
            ["-eu", "-o", "pipefail", "-c", script],
            input: ServerProcess.Password + "\n",
            directory: ProjectPaths.Root,
            environment: alone ? Environment(pebble) : Environment(ports, pebble),
            timeout: TimeSpan.FromMinutes(5));
        try
        {
            run.Succeeded();
            Assert.Contains($"{_folder}/usr/local/bin/mailserver leads to it", run.Output, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(_folder, "usr/local/share/man/man1/mailserver-setup.1.gz")));
            Assert.Contains("mail._domainkey.example.org", run.Output, StringComparison.Ordinal);
            Assert.Contains("v=DKIM1", run.Output, StringComparison.Ordinal);
            await Eventually.BecomesTrueAsync(() => SignsInAsync(ports.Imaps), "anna signs in", TimeSpan.FromSeconds(30));
            await Eventually.BecomesTrueAsync(async () => (await IssuerAsync(ports.Imaps)).Contains("Pebble", StringComparison.Ordinal), "the certificate is there", TimeSpan.FromSeconds(60));
        }
        finally
        {
            await StopAsync();
        }
    }

    [ClientFact(PebbleServer.Program, "unshare", "ip")]
    public async Task The_production_quick_start_works_with_the_default_ports_in_its_own_network_namespace()
    {
        // The same in a network namespace, where 25, 80, 443 and the others are the default ports, as on a real machine.
        var run = await ProgramRun.StartAsync(
            "unshare",
            [
                "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh",
                Path.Combine(ProjectPaths.DotnetRoot, "dotnet"), "vstest", typeof(ReadmeTests).Assembly.Location, "--Tests:" + nameof(The_production_quick_start_ends_with_a_server_that_accepts_its_user_with_a_certificate_of_its_CA),
            ],
            directory: _folder,
            environment: new Dictionary<string, string>(StringComparer.Ordinal) { [OwnNetwork] = "1" },
            timeout: TimeSpan.FromMinutes(3));
        Assert.Matches("Failed: +0, Passed: +1,", run.Succeeded().Output);
    }

    [Fact]
    public async Task The_first_command_starts_a_server()
    {
        var command = Path.Combine(ProjectPaths.Root, Assert.Single(Blocks("try")).Trim());
        await using var server = new BackgroundProgram(_folder, "bash", "-c", "exec " + command);
        await Eventually.BecomesTrueAsync(() => server.Output.Contains("Building the server", StringComparison.Ordinal), "it says that it builds", TimeSpan.FromSeconds(30));
        await Eventually.BecomesTrueAsync(() => server.HasEnded || server.Output.Contains("swaks", StringComparison.Ordinal), "it prints its lines", TimeSpan.FromMinutes(10));
        Assert.True(server.Output.Contains("swaks", StringComparison.Ordinal), server.Output);
        await server.InterruptAsync();
        Assert.True(Directory.Exists(Path.Combine(_folder, "localserve-data")), server.Output);
    }

    [Fact]
    public void The_package_block_names_the_script_and_the_folder_that_it_writes_to()
    {
        var script = File.ReadAllText(Path.Combine(ProjectPaths.Root, "deploy/package.sh"));
        Assert.Equal(["deploy/package.sh", "apt install ./artifacts/package/mailserver_*.deb"], Assert.Single(Blocks("package")).Trim().Split('\n'));
        Assert.Contains("out=\"$root/artifacts/package\"", script, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_command_of_the_README_is_covered_by_a_test()
    {
        // tests/run.sh runs this test.
        var untested = Fence().Matches(Text()).Where(m => m.Groups["info"].Value.Trim() == "sh").Select(m => m.Groups["body"].Value.Trim());
        Assert.Equal(["tests/run.sh"], untested);
    }

    private static string Text() => File.ReadAllText(Path.Combine(ProjectPaths.Root, "README.md"));

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

    private static async Task<string> IssuerAsync(int port)
    {
        using var client = new ImapClient { CheckCertificateRevocation = false };
        var issuer = "";
        client.ServerCertificateValidationCallback = (_, certificate, _, _) => (issuer = certificate!.Issuer) is not null;
        await client.ConnectAsync("127.0.0.1", port, SecureSocketOptions.SslOnConnect);
        return issuer;
    }

    /// <summary>Stubs, first on the path, for programs that need root or systemd on a real machine.</summary>
    private void Prepare()
    {
        // `dotnet publish` would produce what these tests run anyway.
        Stub("dotnet", $"[ \"$1 $5\" = 'publish -o' ] && mkdir -p \"$6\" && cp -R '{Path.GetDirectoryName(ProjectPaths.Executable)}/.' \"$6\"");
        Stub("useradd", "exit 0");
        Stub("systemctl", $"[ \"$1\" = enable ] || exit 0; c=$(sed -n 's/^ExecStart=//p' {_folder}/etc/systemd/system/mailserver.service); nohup $c >{_folder}/output.log 2>&1 </dev/null & echo $! >{_folder}/pid");
        Directory.CreateDirectory(Path.Combine(_folder, "etc/systemd/system"));
    }

    private void Stub(string name, string script)
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName, name);
        File.WriteAllText(file, "#!/bin/bash\n" + script + "\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string Elsewhere(string script) => SystemFolder().Replace(script, m => _folder + m.Value);

    private static string Port(int port) => port.ToString(CultureInfo.InvariantCulture);

    /// <summary>A private certificate authority and DNS server.</summary>
    private Dictionary<string, string> Environment(PebbleServer pebble) => new(StringComparer.Ordinal)
    {
        ["DESTDIR"] = _folder,
        ["PATH"] = Path.Combine(_folder, "bin") + ":" + Path.Combine(_folder, "usr/local/bin") + ":" + ProjectPaths.DotnetRoot + ":" + System.Environment.GetEnvironmentVariable("PATH"),
        ["MAILSERVER_TLS__ACME_DIRECTORY"] = pebble.Authority.AbsoluteUri,
        ["MAILSERVER_TLS__ACME_REHEARSAL"] = pebble.Authority.AbsoluteUri,
        ["MAILSERVER_TLS__ACME_CA_FILE"] = pebble.CaFile,
        ["MAILSERVER_DNS__SERVERS"] = "127.0.0.1:" + Port(pebble.DnsPort),
    };

    private Dictionary<string, string> Environment(ServerPorts ports, PebbleServer pebble) =>
        new(Environment(pebble), StringComparer.Ordinal)
        {
            ["MAILSERVER_SERVER__LISTEN"] = "127.0.0.1",
            ["MAILSERVER_SERVER__SMTP_PORT"] = Port(ports.Smtp),
            ["MAILSERVER_SERVER__SUBMISSION_PORT"] = Port(ports.Submission),
            ["MAILSERVER_SERVER__SMTPS_PORT"] = Port(ports.Submissions),
            ["MAILSERVER_SERVER__IMAP_PORT"] = Port(ports.Imap),
            ["MAILSERVER_SERVER__IMAPS_PORT"] = Port(ports.Imaps),
            ["MAILSERVER_SERVER__DAV_PORT"] = "0",
            ["MAILSERVER_SERVER__HTTPS_PORT"] = Port(ports.Dav),
            ["MAILSERVER_SERVER__HTTP_PORT"] = Port(pebble.HttpPort),
            ["MAILSERVER_ADMIN__PORT"] = Port(ports.Admin),
        };

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
