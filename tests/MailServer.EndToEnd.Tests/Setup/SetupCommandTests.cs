using System.Net;
using System.Text.Json;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests.Dns;

namespace MailServer.EndToEnd.Tests.Setup;

/// <summary>Setting up a server from an empty folder, and the checks before and after.</summary>
public sealed class SetupCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("setup-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Config => Path.Combine(_folder, "etc", "config.yaml");

    [Fact]
    public async Task One_command_writes_the_configuration_and_prints_the_records_and_a_second_run_changes_nothing()
    {
        var first = (await SetUpAsync("--no-certificates", "--systemd-unit", Path.Combine(_folder, "mailserver.service"))).Succeeded();
        Assert.All(
            ["example.test. IN MX 10 mail.example.test.", "v=spf1 mx -all", "mail._domainkey.example.test", "ed._domainkey.example.test", "_dmarc.example.test", "_imaps._tcp.example.test. IN SRV 0 1 993 mail.example.test."],
            r => Assert.Contains(r, first.Output, StringComparison.Ordinal));
        var checkedConfig = (await CliAsync("config", "check")).Succeeded();
        Assert.DoesNotContain("error", checkedConfig.Error, StringComparison.Ordinal);
        Assert.Contains("anna@example.test", (await CliAsync("user", "list")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains($"serve --config {Config}", await File.ReadAllTextAsync(Path.Combine(_folder, "mailserver.service")), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(_folder, "data")));

        var again = await SetUpAsync("--no-certificates");
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("--force", again.Error, StringComparison.Ordinal);
        var keys = Directory.GetFiles(Path.Combine(_folder, "data", "dkim")).Select(File.ReadAllText).Order(StringComparer.Ordinal).ToArray();
        var forced = (await SetUpAsync("--no-certificates", "--force")).Succeeded();
        Assert.Contains("already exists", forced.Output, StringComparison.Ordinal);
        Assert.Equal(keys, Directory.GetFiles(Path.Combine(_folder, "data", "dkim")).Select(File.ReadAllText).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Certificates_are_tested_with_the_staging_authority_first()
    {
        (await SetUpAsync()).Succeeded();
        var config = await File.ReadAllTextAsync(Config);
        Assert.Contains("auto_tls: true", config, StringComparison.Ordinal);
        Assert.Contains("acme_rehearsal: https://acme-staging", config, StringComparison.Ordinal);
        (await CliAsync("config", "check")).Succeeded();
    }

    [Theory]
    [InlineData("--domain is required", "--non-interactive", "--user", "anna@example.test")]
    [InlineData("is not in example.test", "--non-interactive", "--domain", "example.test", "--user", "anna@other.test")]
    [InlineData("no terminal", "--domain", "example.test")]
    public async Task Missing_values_are_named(string words, params string[] arguments)
    {
        var run = await ProgramRun.StartAsync(ProjectPaths.Executable, ["setup", .. arguments, "--config", Config, "--data-dir", Path.Combine(_folder, "data")]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Config));
    }

    [ClientFact("script")]
    public async Task On_a_terminal_it_prompts()
    {
        var typed = "(for a in example.test mail.example.test anna@example.test n y password1 'correct horse 9' 'correct horse 9'; do sleep 3; echo \"$a\"; done; sleep 1)";
        var command = $"{ProjectPaths.Executable} setup --config {Config} --data-dir {_folder}/data --systemd-unit {_folder}/unit";
        var run = await ProgramRun.StartAsync("bash", ["-c", $"{typed} | script -qec '{command}' /dev/null"], timeout: TimeSpan.FromMinutes(2));
        run.Succeeded();
        Assert.Contains("domain", run.Output, StringComparison.Ordinal);
        Assert.Contains("is on the list of common passwords", run.Output, StringComparison.Ordinal);
        Assert.Contains("http://127.0.0.1:8090/", run.Output, StringComparison.Ordinal);
        Assert.Contains("anna@example.test", (await CliAsync("user", "list")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_records_are_printed_as_a_zone_a_table_and_JSON()
    {
        (await SetUpAsync()).Succeeded();
        var zone = (await CliAsync("dns", "records", "example.test", "--address", "192.0.2.7", "--address", "2001:db8::7")).Succeeded().Output;
        Assert.All(
            [
                "mail.example.test. IN A 192.0.2.7", "mail.example.test. IN AAAA 2001:db8::7", "_mta-sts.example.test. IN TXT \"v=STSv1; id=", "_smtp._tls.example.test. IN TXT \"v=TLSRPTv1",
                "example.test. IN CAA 0 issue \"letsencrypt.org\"", "autoconfig.example.test. IN CNAME mail.example.test.", "_submissions._tcp", "_caldavs._tcp", "_carddavs._tcp",
            ],
            r => Assert.Contains(r, zone, StringComparison.Ordinal));
        using var json = JsonDocument.Parse((await CliAsync("dns", "records", "example.test", "--format", "json")).Succeeded().Output);
        Assert.Contains(json.RootElement.EnumerateArray(), r => r.GetProperty("type").GetString() == "MX" && r.GetProperty("need").GetString() == "required");
        Assert.Contains("MX\t10 mail.example.test.\trequired", (await CliAsync("dns", "records", "example.test", "--format", "table")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_domain_is_checked_record_by_record()
    {
        (await SetUpAsync("--no-certificates")).Succeeded();
        var records = (await CliAsync("dns", "records", "example.test", "--json")).Succeeded().Output;
        using var dns = new FakeDnsServer();
        dns.Address("mail.example.test", "127.0.0.1").Mx("example.test", 20, "mail.example.test").Text("example.test", "unrelated").Text("example.test", "v=spf1 ip4:127.0.0.1 -all")
            .Text("_dmarc.example.test", "v=DMARC1; p=reject").Service("_imaps._tcp.example.test", 993, "other.example.test");
        Ask(dns);
        var missing = await CliAsync("dns", "check", "example.test", "--address", "127.0.0.1");
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("mail._domainkey.example.test\tTXT\trequired\tmissing", missing.Output, StringComparison.Ordinal);
        Assert.Contains("_imaps._tcp.example.test\tSRV\trecommended\tdiffers", missing.Output, StringComparison.Ordinal);
        Assert.Contains("example.test\tMX\trequired\tok", missing.Output, StringComparison.Ordinal);

        using (var json = JsonDocument.Parse(records))
        {
            foreach (var key in json.RootElement.EnumerateArray().Where(r => r.GetProperty("name").GetString()!.Contains("_domainkey", StringComparison.Ordinal)))
            {
                var value = key.GetProperty("value").GetString()!;
                dns.Text(key.GetProperty("name").GetString()!, [.. value.Chunk(255).Select(static c => new string(c))]);
            }
        }

        var complete = (await CliAsync("dns", "check", "example.test", "--address", "127.0.0.1")).Succeeded();
        Assert.DoesNotContain("required\tmissing", complete.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v=spf1 +all", "differs")]
    [InlineData("v=spf1 ip4:127.0.0.1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", "differs")]
    [InlineData("v=spf1 ip4:192.0.2.1 -all", "differs")]
    [InlineData("v=spf1 a:mail.example.test -all", "ok")]
    [InlineData("v=spf1 a:mail.example.test ?all", "ok")]
    public async Task A_policy_that_lets_everybody_send_is_not_ok(string policy, string verdict)
    {
        (await SetUpAsync("--no-certificates")).Succeeded();
        using var dns = new FakeDnsServer();
        dns.Address("mail.example.test", "127.0.0.1").Text("example.test", policy);
        Ask(dns);
        Assert.Contains($"example.test\tTXT\trequired\t{verdict}\tv=spf1", (await CliAsync("dns", "check", "example.test")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preflight_checks_ports_names_and_outgoing_mail()
    {
        (await SetUpAsync("--no-certificates")).Succeeded();
        using var dns = new FakeDnsServer();
        dns.Address("mail.example.test", "127.0.0.1").Pointer("1.0.0.127.in-addr.arpa", "other.test").Address("mx.outside.test", "127.0.0.1");
        var ports = ServerPorts.Free();
        Ask(dns, $"\nserver:\n  hostname: mail.example.test\n  listen: 127.0.0.1\n  smtp_port: {ports.Smtp}\n  submission_port: 0\n  smtps_port: 0\n  imap_port: 0\n  imaps_port: 0\n  dav_port: 0\n");
        using var greeter = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        greeter.Start();
        var greeting = Task.Run(async () =>
        {
            using var client = await greeter.AcceptTcpClientAsync();
            await client.GetStream().WriteAsync("220 mx.outside.test\r\n"u8.ToArray());
        });
        var run = await CliAsync("preflight", "--probe", $"mx.outside.test:{((IPEndPoint)greeter.LocalEndpoint).Port}");
        await greeting.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"port {ports.Smtp} (server.smtp_port)\tok", run.Output, StringComparison.Ordinal);
        Assert.Contains("reverse dns of 127.0.0.1\tproblem\t127.0.0.1 resolves to other.test, not mail.example.test", run.Output, StringComparison.Ordinal);
        Assert.Contains("outgoing mail\tok", run.Output, StringComparison.Ordinal);

        using var taken = new System.Net.Sockets.TcpListener(IPAddress.Loopback, ports.Smtp);
        taken.Start();
        var busy = await CliAsync("preflight", "--offline");
        Assert.Contains($"port {ports.Smtp} (server.smtp_port)\tproblem\tis in use", busy.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("reverse", busy.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_checks_the_running_server_and_reports_when_it_is_not_running()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var well = await server.CliAsync("doctor");
        Assert.Contains("server\tok", well.Output, StringComparison.Ordinal);
        Assert.Contains("checked, all respond", well.Output, StringComparison.Ordinal);
        Assert.Contains("queue\tok\tis empty", well.Output, StringComparison.Ordinal);
        Assert.Contains("is self-signed", well.Output, StringComparison.Ordinal);
        Assert.Contains("example.test without any address", well.Output, StringComparison.Ordinal);
        await server.StopAsync();
        var stopped = await server.CliAsync("doctor");
        Assert.Equal(1, stopped.ExitCode);
        Assert.Contains("server\tproblem\tdoes not answer", stopped.Output, StringComparison.Ordinal);
    }

    private void Ask(FakeDnsServer dns, string instead = "")
    {
        var config = File.ReadAllText(Config);
        if (instead.Length > 0) config = config.Replace("server:\n  hostname: mail.example.test\n  # For mail clients that edit mail rules (ManageSieve).\n  managesieve_port: 4190\n", "", StringComparison.Ordinal) + instead;
        File.WriteAllText(Config, config + $"\ndns:\n  servers: {dns.EndPoint}\n");
    }

    private Task<ProgramRun> SetUpAsync(params string[] more) => ProgramRun.StartAsync(
        ProjectPaths.Executable,
        ["setup", "--non-interactive", "--domain", "example.test", "--user", "anna@example.test", "--password-stdin", "--data-dir", Path.Combine(_folder, "data"), "--config", Config, .. more],
        ServerProcess.Password + "\n");

    private Task<ProgramRun> CliAsync(params string[] arguments) => ProgramRun.StartAsync(ProjectPaths.Executable, [.. arguments, "--config", Config]);
}
