using System.Text.Json;

namespace MailServer.Tests.Commands;

public sealed class CommandLineTests : IDisposable
{
    private readonly CommandRunner _server = new();

    public void Dispose() => _server.Dispose();

    [Theory]
    [InlineData(new[] { "nonsense" }, "see 'mailserver --help'")]
    [InlineData(new[] { "user" }, "see 'mailserver user --help'")]
    [InlineData(new[] { "user", "add" }, "see 'mailserver user add --help'")]
    [InlineData(new[] { "user", "add", "a@b.test", "--nope" }, "'--nope'")]
    [InlineData(new[] { "user", "add", "no-address", "--password", "x" }, "'no-address' is not an email address")]
    [InlineData(new[] { "domain", "add", "not a domain" }, "'not a domain' is not a domain name")]
    [InlineData(new[] { "alias", "add", "@", "a@b.test" }, "'@' is not an email address or @domain")]
    [InlineData(new[] { "dkim", "generate" }, "--domain")]
    [InlineData(new[] { "dkim", "generate", "--domain", "example.org", "--type", "dsa" }, "'dsa'")]
    public async Task Unknown_arguments_are_a_usage_error(string[] args, string expected) =>
        Assert.Contains(expected, await _server.FailedAsync(2, args), StringComparison.Ordinal);

    [Fact]
    public async Task The_help_shows_examples()
    {
        Assert.Contains("mailserver user add ann@example.org", await _server.DoneAsync("user", "add", "--help"), StringComparison.Ordinal);
        var all = await _server.DoneAsync("--help");
        foreach (var command in new[] { "migrate", "domain", "user", "alias", "dkim", "config", "version" }) Assert.Contains(command, all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_and_commit_are_printed()
    {
        var said = await _server.DoneAsync("version");
        Assert.Matches(@"^mailserver \d+\.\d+\.\d+(\+git\d+\.[0-9a-f]{7})? \(commit ([0-9a-f]{40}|unknown), \.NET ", said);
        Assert.Equal((0, said, ""), await _server.RunExactlyAsync("", ["--version"]));
    }

    [Fact]
    public async Task Migrate_creates_everything_once()
    {
        var first = await _server.DoneAsync("migrate");
        foreach (var name in new[] { "", "/maildir", "/spool", "/mail.db" }) Assert.Contains($"created {_server.Data}{name}\n", first, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_server.Data));
        Assert.Equal("everything is up to date\n", await _server.DoneAsync("migrate"));
    }

    [Fact]
    public async Task Before_migrate_a_command_explains_what_to_do() =>
        Assert.Contains("create it with 'mailserver migrate'", await _server.FailedAsync(1, "user", "list"), StringComparison.Ordinal);

    [Fact]
    public async Task An_invalid_configuration_stops_every_command_and_lists_all_its_problems()
    {
        _server.Configure("logging: {level: loud}\nqueue: {max_retries: many}");
        var (code, output, error) = await _server.RunAsync("domain", "list");
        Assert.Equal((1, ""), (code, output));
        Assert.Contains($"mailserver: {_server.Config}:4: logging.level: 'loud'", error, StringComparison.Ordinal);
        Assert.Contains($"mailserver: {_server.Config}:5: queue.max_retries: 'many' is not a number from 0 to 1000", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Domains_are_added_and_removed()
    {
        await _server.SetUpAsync("ann@example.org");
        Assert.Contains("already hosted", await _server.FailedAsync(1, "domain", "add", "EXAMPLE.org"), StringComparison.Ordinal);
        Assert.StartsWith("example.org\t1\t0\t", await _server.DoneAsync("domain", "list"), StringComparison.Ordinal);
        Assert.Contains("--force", await _server.FailedAsync(1, "domain", "remove", "example.org"), StringComparison.Ordinal);
        await _server.DoneAsync("domain", "remove", "example.org", "--force");
        Assert.Equal("", await _server.DoneAsync("domain", "list"));
    }

    [Fact]
    public async Task Users_are_listed_as_lines_as_json_and_as_a_table()
    {
        await _server.SetUpAsync("ann@example.org", "bob@example.org");
        await _server.DoneAsync("user", "disable", "bob@example.org");
        var lines = (await _server.DoneAsync("user", "list", "--domain", "example.org")).Split('\n');
        Assert.StartsWith("1\tann@example.org\tyes\t", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("2\tbob@example.org\tno\t", lines[1], StringComparison.Ordinal);
        using var json = JsonDocument.Parse(await _server.DoneAsync("user", "list", "--json"));
        Assert.Equal(2, json.RootElement.GetArrayLength());
        Assert.False(json.RootElement[1].GetProperty("enabled").GetBoolean());
        Assert.Equal(1, json.RootElement[0].GetProperty("id").GetInt64());
        _server.OutIsTerminal = true;
        var table = await _server.DoneAsync("user", "list");
        Assert.Contains("ann@example.org", table, StringComparison.Ordinal);
        Assert.Contains("│", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_is_enabled_again_and_removed()
    {
        await _server.SetUpAsync("ann@example.org");
        await _server.DoneAsync("user", "disable", "ann@example.org");
        await _server.DoneAsync("user", "enable", "ann@example.org");
        Assert.Contains("\tyes\t", await _server.DoneAsync("user", "list"), StringComparison.Ordinal);
        await _server.DoneAsync("user", "remove", "ann@example.org");
        Assert.Equal("mailserver: no user 'ann@example.org'; see 'mailserver user list'", await _server.FailedAsync(1, "user", "remove", "ann@example.org"));
    }

    [Fact]
    public async Task Removing_a_user_keeps_the_mail_unless_purge_is_given()
    {
        await _server.SetUpAsync("ann@example.org", "bob@example.org");
        foreach (var id in new[] { 1, 2 }) Directory.CreateDirectory($"{_server.Data}/maildir/user_{id}/INBOX/cur");
        Assert.Contains("is still in", await _server.DoneAsync("user", "remove", "ann@example.org"), StringComparison.Ordinal);
        Assert.Contains("deleted", await _server.DoneAsync("user", "remove", "bob@example.org", "--purge"), StringComparison.Ordinal);
        Assert.Equal([$"{_server.Data}/maildir/user_1"], Directory.GetDirectories($"{_server.Data}/maildir"));
    }

    [Fact]
    public async Task The_password_prompt_asks_twice_and_again_after_a_weak_password()
    {
        await _server.SetUpAsync();
        _server.Secrets = new Queue<string>(["short", "first horse 1", "other horse 2", "password1", "", "same horse 3", "same horse 3"]);
        var (code, output, error) = await _server.RunAsync("user", "add", "ann@example.org");
        Assert.Equal((1, ""), (code, output));
        Assert.Equal(
            ["has fewer than 8 characters", "do not match", "is on the list of common passwords"],
            error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => l.Replace("mailserver: the password ", "", StringComparison.Ordinal).Replace("mailserver: the passwords ", "", StringComparison.Ordinal).Split(';')[0]));
        (code, output, error) = await _server.RunAsync("user", "add", "ann@example.org");
        Assert.Equal((0, "added ann@example.org\n", "mailserver: the password is empty\n"), (code, output, error));
    }

    [Fact]
    public async Task A_weak_password_is_refused_by_every_command_that_sets_one_unless_it_is_allowed()
    {
        await _server.SetUpAsync("ann@example.org");
        string[][] commands = [["user", "add", "bob@example.org"], ["user", "passwd", "ann@example.org"]];
        Assert.Equal(
            ["setup", "user add", "user passwd", "user recover"],
            CommandTree.All.Where(static c => c.Value.Options.Any(static o => o.Name == "--password")).Select(static c => c.Key).Order(StringComparer.Ordinal));
        Assert.All(CommandTree.All.Values, static c => Assert.Equal(c.Options.Any(static o => o.Name == "--password"), c.Options.Any(static o => o.Name == "--allow-weak-password")));
        foreach (var command in commands)
        {
            Assert.Contains("list of common passwords; choose another one, or use --allow-weak-password", await _server.FailedAsync(1, [.. command, "--password", "password1"]), StringComparison.Ordinal);
            await _server.DoneAsync([.. command, "--password", "password1", "--allow-weak-password"]);
        }
    }

    [Fact]
    public async Task Setup_writes_nothing_before_the_password_is_accepted_and_says_when_it_keeps_another_one()
    {
        var config = Path.Combine(_server.Folder, "new.yaml");
        string[] SetUp(string password, params string[] more) =>
            ["setup", "--non-interactive", "--domain", "example.net", "--user", "ben@example.net", "--password", password, "--no-certificates", "--page", "--data-dir", _server.Data, "--config", config, .. more];
        var weak = await _server.RunExactlyAsync("", SetUp("password1"));
        Assert.Equal((1, ""), (weak.Code, weak.Out));
        Assert.False(File.Exists(config) || Directory.Exists(_server.Data));
        var first = await _server.RunExactlyAsync("", SetUp("correct horse 9"));
        Assert.Equal((0, ""), (first.Code, first.Error));
        Assert.Contains("ben@example.net also receives mail for postmaster@example.net", first.Out, StringComparison.Ordinal);
        Assert.Contains("http://127.0.0.1:8090/", first.Out, StringComparison.Ordinal);
        Assert.Equal((0, ""), ((await _server.RunExactlyAsync("", SetUp("correct horse 9", "--force"))) is var same ? same.Code : -1, same.Error));
        var other = await _server.RunExactlyAsync("", SetUp("another horse 10", "--force"));
        Assert.Equal((1, "mailserver: ben@example.net existed already and keeps its password; 'mailserver user passwd ben@example.net' changes it\n"), (other.Code, other.Error));
        Assert.Contains("ben@example.net\tyes", (await _server.RunExactlyAsync("", ["user", "admin", "list", "--config", config])).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_is_read_from_one_line_of_stdin_and_never_shown()
    {
        await _server.SetUpAsync();
        var (code, output, error) = await _server.RunAsync("s3cret pass\nmore\n", ["user", "add", "ann@example.org", "--password-stdin"]);
        Assert.Equal((0, ""), (code, error));
        Assert.DoesNotContain("s3cret", output, StringComparison.Ordinal);
        Assert.Contains("use --password-stdin", await _server.FailedAsync(2, "user", "passwd", "ann@example.org"), StringComparison.Ordinal);
        Assert.Contains("mutually exclusive", await _server.FailedAsync(2, "user", "passwd", "ann@example.org", "--password", "x", "--password-stdin"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Aliases_and_the_catch_all_are_stored()
    {
        await _server.SetUpAsync("ann@example.org");
        await _server.DoneAsync("alias", "add", "info@example.org", "ann@example.org", "zoe@else.test");
        await _server.DoneAsync("alias", "add", "@example.org", "ann@example.org");
        Assert.Equal("@example.org\tann@example.org\tyes\t\ninfo@example.org\tann@example.org zoe@else.test\tyes\t\n", await _server.DoneAsync("alias", "list"));
        await _server.DoneAsync("alias", "remove", "@example.org");
        Assert.Contains("no alias '@example.org'", await _server.FailedAsync(1, "alias", "remove", "@example.org"), StringComparison.Ordinal);
        Assert.Contains("cannot be an alias as well", await _server.FailedAsync(1, "alias", "add", "ann@example.org", "zoe@else.test"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_alias_to_an_unknown_address_is_added_with_a_warning()
    {
        await _server.SetUpAsync();
        var (code, _, error) = await _server.RunAsync("alias", "add", "info@example.org", "an@example.org");
        Assert.Equal((0, "mailserver: warning: 'an@example.org' does not exist yet\n"), (code, error));
    }

    [Fact]
    public async Task Config_check_reports_errors_and_warnings()
    {
        await _server.SetUpAsync();
        Assert.Equal($"{_server.Config}: no errors\n", await _server.DoneAsync("config", "check"));
        _server.Configure("domains: [{name: example.org}, {name: else.test}]");
        var (code, _, error) = await _server.RunAsync("config", "check");
        Assert.Equal((0, $"mailserver: {_server.Config}: domains: warning: 'else.test' is not hosted yet; add it with 'mailserver domain add else.test'\n"), (code, error));
        _server.Configure("tls: {cert_file: /nowhere/cert.pem, key_file: /nowhere/key.pem}\nqueue: {max_retries: x}");
        (code, _, error) = await _server.RunAsync("config", "check");
        Assert.Equal((1, 3), (code, error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
    }
}
