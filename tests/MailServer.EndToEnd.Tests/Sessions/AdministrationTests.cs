using MailKit.Security;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Sessions;

/// <summary>Administration with the real executable: a running server notices changes, and errors are one line.</summary>
[Collection(SharedServerCollection.Name)]
public sealed class AdministrationTests(SharedServer shared)
{
    private readonly ServerProcess _server = shared.Server;

    [Fact]
    public async Task A_running_server_notices_a_new_password_and_a_disabled_account()
    {
        var user = await _server.AddUserAsync();
        await AssertSignsInAsync(user, ServerProcess.Password, succeeds: true);
        (await _server.CliWithInputAsync("another password 7\n", "user", "passwd", user, "--password-stdin")).Succeeded();
        await AssertSignsInAsync(user, ServerProcess.Password, succeeds: false);
        await AssertSignsInAsync(user, "another password 7", succeeds: true);
        (await _server.CliAsync("user", "disable", user)).Succeeded();
        await AssertSignsInAsync(user, "another password 7", succeeds: false);
        (await _server.CliAsync("user", "enable", user)).Succeeded();
        await AssertSignsInAsync(user, "another password 7", succeeds: true);
    }

    [Fact]
    public async Task A_refused_recipient_is_accepted_once_added_and_refused_again_once_removed()
    {
        var address = "later@" + _server.Domain;
        Assert.StartsWith("550 5.1.1", await RecipientAsync(address), StringComparison.Ordinal);
        (await _server.CliWithInputAsync(ServerProcess.Password + "\n", "user", "add", address, "--password-stdin")).Succeeded();
        Assert.StartsWith("250", await RecipientAsync(address), StringComparison.Ordinal);
        (await _server.CliAsync("user", "remove", address, "--purge")).Succeeded();
        Assert.StartsWith("550 5.1.1", await RecipientAsync(address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Aliases_are_added_and_removed_while_the_server_runs()
    {
        var user = await _server.AddUserAsync();
        var alias = "office-" + user;
        (await _server.CliAsync("alias", "add", alias, user)).Succeeded();
        Assert.Contains(alias, (await _server.CliAsync("alias", "list")).Succeeded().Output, StringComparison.Ordinal);
        Assert.StartsWith("250", await RecipientAsync(alias), StringComparison.Ordinal);
        (await _server.CliAsync("alias", "remove", alias)).Succeeded();
        Assert.StartsWith("550 5.1.1", await RecipientAsync(alias), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_show_every_object_as_text_and_as_JSON()
    {
        var user = await _server.AddUserAsync();
        Assert.Contains(user, (await _server.CliAsync("user", "list", "--domain", _server.Domain)).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains(_server.Domain, (await _server.CliAsync("domain", "list")).Succeeded().Output, StringComparison.Ordinal);
        using var json = System.Text.Json.JsonDocument.Parse((await _server.CliAsync("user", "list", "--json")).Succeeded().Output);
        Assert.Contains(user, json.RootElement.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_DNS_record_of_a_new_key_is_printed()
    {
        const string Domain = "signed.test";
        (await _server.CliAsync("domain", "add", Domain)).Succeeded();
        (await _server.CliAsync("dkim", "generate", "--domain", Domain, "--selector", "s1")).Succeeded();
        var record = (await _server.CliAsync("dkim", "dns", "--domain", Domain)).Succeeded().Output;
        Assert.Contains("s1._domainkey." + Domain, record, StringComparison.Ordinal);
        Assert.Contains("v=DKIM1", record, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "user", "add", "someone@not-hosted.test", "--password", "some password 1")]
    [InlineData(1, "user", "passwd", "not-there@example.test", "--password", "some password 1")]
    [InlineData(1, "domain", "remove", "not-hosted.test")]
    [InlineData(2, "no-such-command")]
    [InlineData(2, "user", "add")]
    [InlineData(2, "user", "add", "a@example.test", "--no-such-option")]
    public async Task Failures_exit_with_1_and_usage_errors_with_2_and_a_message_on_stderr(int exitCode, params string[] arguments)
    {
        var run = await _server.CliAsync(arguments);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.NotEmpty(run.Error.Trim());
        Assert.DoesNotContain("   at ", run.Everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_configuration_problem_is_reported_with_key_and_line()
    {
        var file = Path.Combine(_server.Folder, "broken.yaml");
        await File.WriteAllTextAsync(file, "server:\n  hostname: mail.example.test\n  smtp_prot: 25\n  imap_port: many\nsecurity:\n  require_tls: perhaps\n");
        var run = await ProgramRun.StartAsync(ProjectPaths.Executable, ["config", "check", "--config", file]);
        Assert.Equal(1, run.ExitCode);
        Assert.All(["smtp_prot", "imap_port", "require_tls"], k => Assert.Contains(k, run.Everything, StringComparison.Ordinal));
        Assert.All(["3", "4", "6"], line => Assert.Contains(line, run.Everything, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_example_configuration_is_valid()
    {
        var example = Path.Combine(ProjectPaths.Root, "configs", "config.example.yaml");
        (await ProgramRun.StartAsync(ProjectPaths.Executable, ["config", "check", "--config", example])).Succeeded();
    }

    [Fact]
    public async Task The_version_is_printed()
    {
        Assert.Matches("[0-9]+\\.[0-9]+", (await ProgramRun.StartAsync(ProjectPaths.Executable, ["version"])).Succeeded().Output);
    }

    private async Task<string> RecipientAsync(string address)
    {
        await using var wire = await WireClient.ConnectAsync(_server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.example");
        await wire.SmtpAsync("MAIL FROM:<someone@sender.example>");
        return await wire.SmtpAsync($"RCPT TO:<{address}>");
    }

    private async Task AssertSignsInAsync(string user, string password, bool succeeds)
    {
        using var client = await _server.ImapConnectionAsync(SecureSocketOptions.SslOnConnect);
        if (succeeds)
        {
            await client.AuthenticateAsync(user, password);
        }
        else
        {
            await Assert.ThrowsAsync<AuthenticationException>(() => client.AuthenticateAsync(user, password));
        }
    }
}
