using System.Collections;
using System.Net;
using MailServer.Configuration;

namespace MailServer.Tests.Configuration;

public sealed class ConfigurationTests
{
    [Fact]
    public void An_empty_file_gives_the_defaults()
    {
        var options = Options("");
        Assert.Equal([IPAddress.IPv6Any], options.Server.Listen);
        Assert.Equal(993, options.Server.ImapsPort);
        Assert.Equal("/var/lib/mailserver/mail.db", options.Storage.DatabasePath);
        Assert.Equal("/var/lib/mailserver/maildir", options.Storage.MaildirPath);
        Assert.Equal("/var/lib/mailserver/acme", options.CertificateDirectory);
        Assert.True(options.Security.RequireTls);
    }

    [Fact]
    public void Capabilities_are_disabled_for_all_for_an_account_or_for_a_program()
    {
        var imap = Options("""
            imap:
              disabled_capabilities: [idle]
              disabled_for_accounts: ["alice@example.org  qresync"]
              disabled_for_clients: ["Old Mail 3 COMPRESS=DEFLATE"]
            """).Imap;
        Assert.Equal(["IDLE"], imap.Disabled.ForAll);
        Assert.Equal([("alice@example.org", "QRESYNC")], imap.Disabled.ForAccounts.Select(static a => (a.Login.ToString(), a.Capability)));
        Assert.Equal([("Old Mail 3", "COMPRESS=DEFLATE")], imap.Disabled.ForClients);
        foreach (var wrong in new[] { "disabled_for_accounts: [alice QRESYNC]", "disabled_for_accounts: [QRESYNC]", "disabled_for_clients: [QRESYNC]", "disabled_for_clients: [Old Mail LITERAL+]" })
            Assert.Single(Problems($"imap: {{{wrong}}}"));
    }

    [Fact]
    public void Missing_paths_are_derived_from_the_data_directory()
    {
        var options = Options("storage: {data_dir: /srv/mail}\ndomains: [{name: Example.ORG, dkim_selector: s1}]");
        Assert.Equal("/srv/mail/mail.db", options.Storage.DatabasePath);
        Assert.Equal("/srv/mail/acme", options.CertificateDirectory);
        Assert.Equal("/srv/mail/dkim/example.org.s1.key", options.DomainOrDefault("example.org").DkimKeyFile);
        Assert.Equal("/srv/mail/dkim/else.test.mail.key", options.DomainOrDefault("else.test").DkimKeyFile);
    }

    [Fact]
    public void Every_kind_of_value_is_parsed()
    {
        var options = Options("""
            server: {hostname: Mail.Example.org, listen: [127.0.0.1, "::1"], smtp_port: 0, shutdown_timeout: 90s}
            storage: {data_dir: /d, database_path: /x/y.db}
            security: {max_message_size: 25MB, require_tls: false, argon2_memory: 65536}
            logging: {level: debug, format: json, output: /var/log/mail.log}
            delivery: {relay_host: "smart.example.net:2525", connect_timeout: 5m}
            queue: {retry_max_age: 5d, max_retries: 3}
            admin: {enabled: yes, listen: 127.0.0.1, port: 9000}
            dns: {servers: [192.0.2.1, "192.0.2.2:5353"]}
            """);
        Assert.Equal("mail.example.org", options.Server.Hostname);
        Assert.Equal([IPAddress.Loopback, IPAddress.IPv6Loopback], options.Server.Listen);
        Assert.Equal((0, TimeSpan.FromSeconds(90)), (options.Server.SmtpPort, options.Server.ShutdownTimeout));
        Assert.Equal("/x/y.db", options.Storage.DatabasePath);
        Assert.Equal((25 * 1024 * 1024, false, 65536), (options.Security.MaxMessageSize, options.Security.RequireTls, options.Security.Argon2Memory));
        Assert.Equal((LogLevelOption.Debug, LogFormat.Json, "/var/log/mail.log"), (options.Logging.Level, options.Logging.Format, options.Logging.Output));
        Assert.Equal(new HostPort("smart.example.net", 2525), options.Delivery.RelayHost);
        Assert.Equal((TimeSpan.FromDays(5), 3), (options.Queue.RetryMaxAge, options.Queue.MaxRetries));
        Assert.True(options.Admin.Enabled);
        Assert.Equal([IPEndPoint.Parse("192.0.2.1:53"), IPEndPoint.Parse("192.0.2.2:5353")], options.Dns.Servers);
    }

    [Theory]
    [InlineData("host.example.org", "host.example.org", 25)]
    [InlineData("127.0.0.1:2525", "127.0.0.1", 2525)]
    [InlineData("\"[::1]:26\"", "::1", 26)]
    [InlineData("\"::1\"", "::1", 25)]
    public void A_relay_is_a_host_with_an_optional_port(string written, string host, int port) =>
        Assert.Equal(new HostPort(host, port), Options($"delivery: {{relay_host: {written}}}").Delivery.RelayHost);

    [Fact]
    public void All_problems_are_reported_at_once_with_line_key_and_allowed_values()
    {
        var problems = Problems("""
            server:
              hostname: mail.example.org
              smtp_port: abc
              imap_prt: 143
              listen: [127.0.0.1, localhost]
            securty:
              require_tls: true
            security:
              require_tls: perhaps
              max_message_size: 25XB
            logging:
              level: loud
            """);
        Assert.Equal(
            [
                "c.yaml:3: server.smtp_port: 'abc' is not a port (1 to 65535, or 0 to disable it)",
                "c.yaml:4: server.imap_prt: unknown key; did you mean 'imap_port'?",
                "c.yaml:5: server.listen: 'localhost' is not an IP address, or '*' for all",
                "c.yaml:7: securty: unknown section; did you mean 'security'?",
                "c.yaml:9: security.require_tls: 'perhaps' is not 'true' or 'false'",
                "c.yaml:10: security.max_message_size: '25XB' is not a size in bytes or such as '25MB' (KB, MB, GB are powers of 1024)",
                "c.yaml:12: logging.level: 'loud' is not one of trace, debug, info, warning, error",
            ],
            problems.OrderBy(p => p.Line).Select(p => p.ToString()));
    }

    [Theory]
    [InlineData("server: hello", "server: 'hello' is not valid here; expected keys")]
    [InlineData("server: {smtp_port: [1, 2]}", "server.smtp_port: must be a port")]
    [InlineData("server: {smtp_port: {a: 1}}", "server.smtp_port: must be a port")]
    [InlineData("server: {listen: {a: 1}}", "server.listen: must be an IP address, or '*' for all or a list of them")]
    [InlineData("delivery: {relay_user: me}", "delivery.relay_user: and delivery.relay_password_file must be set together")]
    [InlineData("delivery: {routes: relay}", "delivery.routes: must be a list")]
    [InlineData("delivery: {routes: [{host: relay.test}]}", "delivery.routes.0: has no domain")]
    [InlineData("delivery: {routes: [{domain: '..', host: relay.test}]}", "delivery.routes.0.domain: '..' is not")]
    [InlineData("delivery: {routes: [{domain: a.test, host: relay.test, user: me}]}", "delivery.routes.0: must have both")]
    [InlineData("delivery: {routes: [{domain: a.test, hots: relay.test}]}", "delivery.routes.0.hots: unknown key")]
    [InlineData("domains: example.org", "domains: must be a list")]
    [InlineData("domains: {example.org: x}", "domains: must be a list")]
    [InlineData("domains: [{dkim_selector: x}]", "domains.0: has no name")]
    [InlineData("domains: [{name: a.test}, {name: A.test}]", "domains.1: 'a.test' is listed twice")]
    [InlineData("server: {zzzzzzzz: 1}", "unknown key; expected one of hostname, listen,")]
    [InlineData("server: {imap_port: 25}", "server.imap_port: port 25 is already used by server.smtp_port")]
    [InlineData("server: {dav_port: 8090}\nadmin: {enabled: true}", "admin.port: port 8090 is already used by server.dav_port")]
    [InlineData("tls: {cert_file: /a}", "tls.cert_file: requires tls.key_file")]
    [InlineData("server: {a: 1, a: 2}", "is not valid YAML")]
    [InlineData("server: [", "is not valid YAML")]
    [InlineData("queue: {retry_max_age: 5 days}", "queue.retry_max_age: '5 days' is not a duration")]
    [InlineData("queue: {retry_max_age: -5d}", "is not a duration")]
    [InlineData("security: {argon2_memory: 1KB}", "security.argon2_memory: must be between")]
    [InlineData("server: {listen: 1}", "'1' is not an IP address")]
    [InlineData("server: {listen: '[::1]:25'}", "'[::1]:25' is not an IP address")]
    [InlineData("dns: {servers: 53}", "'53' is not an IP address")]
    [InlineData("delivery: {relay_host: 'a b'}", "is not 'host' or 'host:port'")]
    [InlineData("storage: {data_dir: /nonexistent}\nlogging: {output: /nonexistent/spool/log}", "logging.output: is inside /nonexistent/spool")]
    [InlineData("storage: {data_dir: /nonexistent}\nlogging: {output: /nonexistent/x/../maildir/user_1/log}", "logging.output: is inside /nonexistent/maildir")]
    public void A_configuration_error_is_named(string yaml, string expected) =>
        Assert.Contains(expected, string.Join('\n', Problems(yaml)), StringComparison.Ordinal);

    [Fact]
    public void Disabled_ports_and_ports_on_different_addresses_do_not_conflict() =>
        Assert.Empty(Problems("server: {listen: 192.0.2.1, smtp_port: 0, imap_port: 0, dav_port: 8090}\nadmin: {enabled: true}"));

    [Fact]
    public void A_key_without_a_value_keeps_its_default() => Assert.Equal(25, Options("server:\n  smtp_port:\ndomains:\n").Server.SmtpPort);

    [Fact]
    public void The_environment_overrides_the_file()
    {
        var options = Options("server: {hostname: a.test, listen: [127.0.0.1, 127.0.0.2]}\ndomains: [{name: a.test, dkim_selector: x}]", new Hashtable
        {
            ["MAILSERVER_SERVER__HOSTNAME"] = "b.test",
            ["MAILSERVER_SERVER__LISTEN"] = "::1, 127.0.0.3",
            ["MAILSERVER_DOMAINS__0__DKIM_SELECTOR"] = "y",
            ["MAILSERVER_BIN"] = "/not/a/key",
            ["PATH"] = "/bin",
        });
        Assert.Equal("b.test", options.Server.Hostname);
        Assert.Equal([IPAddress.IPv6Loopback, IPAddress.Parse("127.0.0.3")], options.Server.Listen);
        Assert.Equal("y", Assert.Single(options.Domains).DkimSelector);
    }

    [Fact]
    public void An_error_in_the_environment_names_the_variable()
    {
        var problems = Problems("", new Hashtable { ["MAILSERVER_SERVER__SMTP_PORT"] = "x", ["MAILSERVER_SERVER__HOSTNAM"] = "y" });
        Assert.Contains(problems, p => p.ToString().StartsWith("MAILSERVER_SERVER__SMTP_PORT: server.smtp_port: 'x' is not a port", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.ToString() == "MAILSERVER_SERVER__HOSTNAM: server.hostnam: unknown key; did you mean 'hostname'?");
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var e = Assert.Throws<ConfigurationException>(() => ConfigurationLoader.Load("/nowhere/config.yaml", new Hashtable()));
        Assert.StartsWith("/nowhere/config.yaml: does not exist", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_short_host_name_is_only_a_warning()
    {
        var problem = Assert.Single(ConfigurationLoader.Parse("server: {hostname: mail}", "c.yaml", new Hashtable()).Problems);
        Assert.True(problem.IsWarning);
    }

    private static MailServerOptions Options(string yaml, Hashtable? environment = null)
    {
        var loaded = ConfigurationLoader.Parse(yaml, "c.yaml", environment ?? []);
        Assert.DoesNotContain(loaded.Problems, p => !p.IsWarning);
        return loaded.Options;
    }

    private static ConfigurationProblem[] Problems(string yaml, Hashtable? environment = null) =>
        [.. ConfigurationLoader.Parse(yaml, "c.yaml", environment ?? []).Problems.Where(p => !p.IsWarning)];
}
