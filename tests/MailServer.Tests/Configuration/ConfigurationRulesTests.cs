using System.Diagnostics;
using System.Text;
using MailServer.Configuration;
using MailServer.Tests.Commands;

namespace MailServer.Tests.Configuration;

/// <summary><c>config check</c> refuses what the server refuses to start with, with the same message. A rule without a sample here fails a test.</summary>
public sealed class ConfigurationRulesTests : IDisposable
{
    private const string Cluster = "cluster: {enabled: true, node: a, seeds: ['127.0.0.1:2551'], listen: 127.0.0.1, database: 'Host=localhost;Database=x'";

    private static readonly string Long = new('d', 110);

    /// <summary>For each rule a configuration that breaks it, and its message. DIR is a folder with only an empty file and a text file.</summary>
    private static readonly (string Rule, string Yaml, string Expected)[] SampleValues =
    [
        ("domains", "domains: [{name: a.test}, {name: A.test}]", "domains.1: 'a.test' is listed twice"),
        ("addresses", "server: {listen: ['0.0.0.0', '::']}", "server.listen: '0.0.0.0' (every IPv4 address) and '*' (or '::', every address) overlap: keep one"),
        ("addresses", "server: {listen: ['::', '0.0.0.0']}", "server.listen: '*' (or '::', every address) and '0.0.0.0' (every IPv4 address) overlap: keep one"),
        ("addresses", "server: {listen: ['*', 127.0.0.1]}", "server.listen: '*' (or '::', every address) and '127.0.0.1' overlap: keep one"),
        ("addresses", "server: {listen: [127.0.0.1, '::1', '*']}", "server.listen: '127.0.0.1' and '*' (or '::', every address) overlap: keep one"),
        ("addresses", "server: {listen: ['*', '::']}", "server.listen: lists '*' (or '::', every address) twice: keep one"),
        ("addresses", "server: {listen: [127.0.0.1, 127.0.0.1]}", "server.listen: lists '127.0.0.1' twice: keep one"),
        ("addresses", "server: {listen: [127.0.0.1, '::ffff:127.0.0.1']}", "overlap: keep one"),
        ("addresses", "admin: {enabled: true, listen: ['0.0.0.0', 127.0.0.1]}", "admin.listen: '0.0.0.0' (every IPv4 address) and '127.0.0.1' overlap: keep one"),
        ("ports", "server: {imap_port: 25}", "server.imap_port: port 25 is already used by server.smtp_port"),
        ("ports", "server: {managesieve_port: 993}", "server.managesieve_port: port 993 is already used by server.imaps_port"),
        ("ports", "server: {managesieve_port: 4190, managesieves_port: 4190}", "server.managesieves_port: port 4190 is already used by server.managesieve_port"),
        ("ports", "admin: {enabled: true, listen: 127.0.0.1, port: 993}", "admin.port: port 993 is already used by server.imaps_port"),
        ("ports", Cluster + ", port: 25}", "cluster.port: port 25 is already used by server.smtp_port"),
        ("admin port", "admin: {enabled: true, listen: '*'}", "admin.listen: '*' (or '::', every address) is public, and passwords would be sent without TLS: set admin.tls, or listen on 127.0.0.1"),
        ("admin port", "admin: {enabled: true, listen: [127.0.0.1, 0.0.0.0]}", "admin.listen: '0.0.0.0' (every IPv4 address) is public"),
        ("admin port", "admin: {enabled: true, listen: 8.8.8.8}", "admin.listen: '8.8.8.8' is public"),
        ("admin port", "admin: {enabled: true, listen: '::ffff:8.8.8.8'}", "is public, and passwords would be sent without TLS"),
        ("certificate files", "tls: {cert_file: DIR/text}", "tls.cert_file: requires tls.key_file"),
        ("relay hosts", "delivery: {relay_user: me}", "delivery.relay_user: and delivery.relay_password_file must be set together"),
        ("acme", "tls: {auto_tls: true}", "tls.acme_challenge: needs port 80"),
        ("cluster", "cluster: {enabled: true}", "cluster.database: is required"),
        ("argon2", "security: {argon2_memory: 1KB}", "security.argon2_memory: must be between"),
        ("log", "logging: {max_size: 1KB}", "logging.max_size: must be at least 64KB"),
        ("administrator's contact", "imap: {admin_contact: 'the office'}", "imap.admin_contact: must be a URI such as mailto:admin@example.org"),
        ("contact size", "storage: {max_contact_size: 1KB}", "storage.max_contact_size: must be at least 100 KB and at most 100 MB"),
        ("absolute paths", "storage: {data_dir: mail}", "storage.data_dir: 'mail' is not an absolute path"),
        ("absolute paths", "storage: {maildir_path: ./mail}", "storage.maildir_path: './mail' is not an absolute path"),
        ("absolute paths", "storage: {database_path: ../mail.db}", "storage.database_path: '../mail.db' is not an absolute path"),
        ("absolute paths", "tls: {cache_dir: acme}", "tls.cache_dir: 'acme' is not an absolute path"),
        ("socket path", "storage: {data_dir: /" + Long + "}", "octets, the maximum is 107"),
        ("socket path", "storage: {data_dir: /srv/ü" + Long + "}", "octets, the maximum is 107"),
        ("one use for each file", "storage: {data_dir: DIR}\nlogging: {output: DIR/maildir/server.log}", "logging.output: is inside DIR/maildir"),
        ("one use for each file", "storage: {data_dir: DIR}\nlogging: {output: DIR/mail.db}", "logging.output: DIR/mail.db and storage.database_path are the same file or replace each other"),
        ("one use for each file", "storage: {data_dir: DIR}\nlogging: {output: DIR/srs.key}", "logging.output: DIR/srs.key and the server's own DIR/srs.key are the same file"),
        ("one use for each file", "storage: {data_dir: DIR}\ntls: {cache_dir: DIR/spool/acme}", "tls.cache_dir: DIR/spool/acme is inside DIR/spool, a directory for mail"),
        ("files", "tls: {cert_file: /nowhere/a.pem, key_file: /nowhere/b.pem}", "tls.cert_file: no file '/nowhere/a.pem'"),
        ("files", "tls: {extra_ca_file: DIR}", "tls.extra_ca_file: no file 'DIR'"),
        ("files", "delivery: {routes: [{domain: a.test, host: relay.test, user: me, password_file: /nowhere/p}]}", "delivery.routes.0.password_file: no file '/nowhere/p'"),
        ("folders", "storage: {data_dir: DIR/text}", "storage.data_dir: 'DIR/text' is a file, not a folder"),
        ("folders", "storage: {data_dir: DIR, maildir_path: DIR/text}", "storage.maildir_path: 'DIR/text' is a file, not a folder"),
        ("certificate", "tls: {cert_file: DIR/text, key_file: DIR/text}", "tls.cert_file: certificate DIR/text with key DIR/text"),
        ("authorities", "tls: {extra_ca_file: DIR/text}", "tls.extra_ca_file: DIR/text contains no certificate"),
        ("authorities", "tls: {acme_ca_file: DIR/text}", "tls.acme_ca_file"),
        ("authorities", "tls: {acme_key_id: k, acme_hmac_file: DIR/text}", "tls.acme_hmac_file DIR/text"),
        ("passwords", "delivery: {relay_host: relay.test, relay_user: me, relay_password_file: DIR/empty}", "delivery.relay_password_file: DIR/empty: the first line"),
        ("passwords", "delivery: {routes: [{domain: a.test, host: relay.test, user: me, password_file: DIR/empty}]}", "delivery.routes.0.password_file: DIR/empty: the first line"),
        ("passwords", "admin: {metrics_token_file: DIR/empty}", "admin.metrics_token_file: DIR/empty: the first line must be a token"),
        ("passwords", "admin: {metrics_token_file: DIR/text}", "admin.metrics_token_file: DIR/text: the first line must be a token"),
        ("cluster files", "cluster: {enabled: true, node: a, seeds: ['127.0.0.1:2551'], listen: 127.0.0.1, database_file: DIR/empty}", "cluster.database_file: the first line of 'DIR/empty'"),
        ("cluster files", Cluster + ", tls_cert_file: DIR/text, tls_key_file: DIR/text, tls_ca_file: DIR/text}", "cluster.tls_cert_file DIR/text with key DIR/text"),
        ("scripts", "sieve: {before: DIR/text}", "sieve.before: DIR/text: the script has an error at 1:"),
        ("own addresses", "server: {listen: 192.0.2.77}", "server.listen: '192.0.2.77' is not an address of this machine"),
    ];

    private readonly CommandRunner _server = new();

    public ConfigurationRulesTests()
    {
        File.WriteAllText(Path.Combine(_server.Folder, "empty"), "");
        File.WriteAllText(Path.Combine(_server.Folder, "text"), "no certificate, no key, no base64");
    }

    public static TheoryData<int> Samples => [.. Enumerable.Range(0, SampleValues.Length)];

    /// <summary>Files that are not configurations: their octets, and the message.</summary>
    public static TheoryData<string, byte[], string> Files => new()
    {
        { "empty", [], ": is empty" },
        { "comments", "# nothing\n\n"u8.ToArray(), ": is empty" },
        { "an empty mapping", "{}"u8.ToArray(), ": is empty" },
        { "NUL", "server:\n  hostname: a\0b\n"u8.ToArray(), ":2: contains a NUL character" },
        { "zeros", new byte[2_000_000], ": is larger than 1048576 octets" },
        { "escape", "server:\n\n  hostname: \e[2J\n"u8.ToArray(), ":3: contains the control character 0x1b" },
        { "broken UTF-8", [.. "server: {}\n# x"u8, 0xC3, 0x28], ":2: is not UTF-8: octet 0xc3" },
        { "cut UTF-8", [.. "# x"u8, 0xE2, 0x82], ":1: is not UTF-8: octet 0xe2" },
        { "UTF-16", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("server: {}")], ":1: is not UTF-8: octet 0xff" },
        { "an alias bomb", Encoding.UTF8.GetBytes(Bomb()), "has more than 10000 entries" },
        { "an alias in itself", "server: &a [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n"u8.ToArray(), "c.yaml:1: " },
        { "deep nesting", Encoding.UTF8.GetBytes("server: " + new string('[', 500_000)), ":1: is nested too deeply" },
        { "deep blocks", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 1_000).Select(static i => new string(' ', i) + "a:\n"))), "is nested too deeply" },
        { "many keys", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 60_000).Select(static i => $"k{i}: 1\n"))), "has more than 10000 entries" },
        { "two documents", "server: {}\n---\nserver: {}\n"u8.ToArray(), ":3: starts a second YAML document" },
        { "tabs", "server:\n\thostname: a\n"u8.ToArray(), "c.yaml:1: is not valid YAML: While scanning a mapping, found invalid tab" },
        { "an unclosed quote", "server: {hostname: 'a}\n"u8.ToArray(), "is not valid YAML" },
    };

    public void Dispose() => _server.Dispose();

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Config_check_and_start_refuse_with_the_same_message(int number)
    {
        var (_, yaml, expected) = SampleValues[number];
        _server.ConfigureExactly(yaml.Replace("DIR", _server.Folder, StringComparison.Ordinal));
        await RefusedAlikeAsync(_server.Config, expected.Replace("DIR", _server.Folder, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_file_that_is_not_a_configuration_is_refused_with_its_line(string kind, byte[] octets, string expected)
    {
        Assert.NotEmpty(kind);
        var file = Path.Combine(_server.Folder, "c.yaml");
        await File.WriteAllBytesAsync(file, octets);
        var used = Stopwatch.StartNew();
        var before = GC.GetTotalAllocatedBytes();
        await RefusedAlikeAsync(file, expected);
        // Generous, because the machine may be busy. Unbounded work takes minutes, or all memory.
        Assert.InRange(used.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 1L << 30);
    }

    [Fact]
    public async Task Every_file_that_the_configuration_names_is_refused_at_once_when_it_is_a_FIFO()
    {
        var fifo = Path.Combine(_server.Folder, "fifo");
        using (var made = Process.Start("mkfifo", [fifo])) await made.WaitForExitAsync();
        var options = new MailServerOptions
        {
            Tls = new TlsOptions { CertFile = fifo, KeyFile = fifo, ExtraCaFile = fifo, AcmeCaFile = fifo, AcmeKeyId = "k", AcmeHmacFile = fifo },
            Delivery = new DeliveryOptions { RelayUser = "me", RelayPasswordFile = fifo, Routes = [new RouteOptions { User = "me", PasswordFile = fifo }] },
            Cluster = new ClusterOptions { Enabled = true, DatabaseFile = fifo, TlsCertFile = fifo, TlsKeyFile = fifo, TlsCaFile = fifo },
            Admin = new AdminOptions { MetricsTokenFile = fifo },
        };
        var files = MachineRules.Files(options).Select(static f => f.Key).ToArray();
        Assert.Equal(12, files.Length);
        var said = new List<string>();
        await Task.Run(() =>
        {
            foreach (var rule in MachineRules.Errors) rule.Check(options, (key, _) => said.Add(key));
        }).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(files.Order(StringComparer.Ordinal), said.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{enabled: true, listen: '*', tls: true}", null)]
    [InlineData("{enabled: true, listen: [127.0.0.1, '::1']}", null)]
    [InlineData("{listen: '*'}", null)]
    [InlineData("{enabled: true, listen: '*', port: 0}", null)]
    [InlineData("{enabled: true, listen: 10.1.2.3}", "passwords are sent to '10.1.2.3' without TLS")]
    [InlineData("{enabled: true, listen: [127.0.0.1, 'fd00::1']}", "passwords are sent to 'fd00::1' without TLS")]
    public void An_admin_port_without_TLS_is_refused_on_public_addresses_and_a_warning_on_private_ones(string admin, string? warning)
    {
        var options = ConfigurationLoader.Parse("admin: " + admin, "c.yaml", new System.Collections.Hashtable()).Options with { Server = new ServerOptions { Hostname = "mail.example.org" } };
        var (refused, said) = (new List<string>(), new List<string>());
        ConfigurationRules.Errors.Single(static r => r.Name == "admin port").Check(options, (_, text) => refused.Add(text));
        foreach (var rule in ConfigurationRules.Warnings) rule.Check(options, (_, text) => said.Add(text));
        Assert.Empty(refused);
        if (warning is null) Assert.Empty(said);
        else Assert.StartsWith(warning, Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_rule_has_a_sample_and_every_sample_a_rule() => Assert.Equal(
        ConfigurationRules.Errors.Concat(MachineRules.Errors).Select(static r => r.Name).Order(StringComparer.Ordinal),
        SampleValues.Select(static s => s.Rule).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [Fact]
    public void Each_sample_is_refused_by_its_own_rule()
    {
        var rules = ConfigurationRules.Errors.Concat(MachineRules.Errors).ToDictionary(static r => r.Name, StringComparer.Ordinal);
        foreach (var (rule, yaml, _) in SampleValues)
        {
            var said = new List<string>();
            rules[rule].Check(ConfigurationLoader.Parse(yaml.Replace("DIR", _server.Folder, StringComparison.Ordinal), "c.yaml", new System.Collections.Hashtable()).Options, (_, text) => said.Add(text));
            Assert.True(said.Count > 0, yaml);
        }
    }

    [Theory]
    [InlineData("server: {listen: ['0.0.0.0', '::1']}")]
    [InlineData("server: {listen: [127.0.0.1, '::1']}")]
    [InlineData("server: {listen: [127.0.0.1, 127.0.0.2]}")]
    [InlineData("server: {listen: '*'}")]
    [InlineData("server: {listen: '::1', dav_port: 8090}\nadmin: {enabled: true, tls: true, listen: '0.0.0.0'}")]
    public void Addresses_that_do_not_overlap_are_accepted(string yaml) =>
        Assert.DoesNotContain(ConfigurationLoader.Parse(yaml, "c.yaml", new System.Collections.Hashtable()).Problems, static p => !p.IsWarning);

    [Fact]
    public void The_environment_alone_can_be_the_configuration()
    {
        var file = Path.Combine(_server.Folder, "empty");
        var read = ConfigurationLoader.ReadForStart(file, new System.Collections.Hashtable { ["MAILSERVER_SERVER__HOSTNAME"] = "mail.example.org" });
        Assert.Empty(read.Problems);
        Assert.Equal("mail.example.org", read.Options.Server.Hostname);
    }

    private async Task RefusedAlikeAsync(string file, string expected)
    {
        var check = await _server.RunExactlyAsync("", ["config", "check", "--config", file]);
        var start = await _server.RunExactlyAsync("", ["serve", "--config", file]);
        Assert.Equal((1, ""), (check.Code, check.Out));
        Assert.Equal((78, ""), (start.Code, start.Out));
        Assert.Contains(expected, check.Error, StringComparison.Ordinal);
        Assert.Equal(Refusals(check.Error), start.Error);
        Assert.InRange(start.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 1, 3);
    }

    private static string Refusals(string said) => string.Concat(said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static l => !l.Contains(": warning: ", StringComparison.Ordinal)).Select(static l => l + "\n"));

    private static string Bomb()
    {
        var text = new StringBuilder("a: &a [x, x, x, x, x, x, x, x, x]\n");
        for (var c = 'b'; c <= 'z'; c++) text.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"{c}: &{c} [{string.Join(", ", Enumerable.Repeat("*" + (char)(c - 1), 9))}]");
        return text.ToString();
    }
}
