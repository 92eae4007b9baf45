using System.Text;
using System.Text.Json;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.RunningServer;

/// <summary>A revoked credential or a disabled account ends exactly the sessions that signed in with it.</summary>
public sealed class CredentialRevocationTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    private ServerProcess _server = null!;

    public async Task InitializeAsync() => _server = await ServerProcess.StartNewAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Removing_an_app_password_ends_its_sessions_and_no_others()
    {
        var user = await _server.AddUserAsync();
        var phone = await AddDeviceAsync(user, "phone");
        var tablet = await AddDeviceAsync(user, "tablet");
        await using var ofPhone = await ImapAsync(user, phone);
        await using var ofTablet = await ImapAsync(user, tablet);
        await using var own = await ImapAsync(user, ServerProcess.Password);
        await using var sending = await SmtpAsync(user, phone);
        // One of them is in IDLE, and is ended there.
        await ofPhone.SendAsync("i1 IDLE\r\n");
        Assert.StartsWith("+", await ofPhone.ReadLineAsync(), StringComparison.Ordinal);

        (await _server.CliAsync("user", "app-password", "remove", user, "phone")).Succeeded();
        Assert.Contains("* BYE", await ofPhone.ReadToEndAsync(Soon), StringComparison.Ordinal);
        Assert.StartsWith("421", await sending.ReadToEndAsync(Soon), StringComparison.Ordinal);
        Assert.Contains(" OK ", (await ofTablet.ImapAsync("NOOP"))[^1], StringComparison.Ordinal);
        Assert.Contains(" OK ", (await own.ImapAsync("NOOP"))[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changing_a_password_ends_the_sessions_of_the_old_one()
    {
        var user = await _server.AddUserAsync();
        var other = await _server.AddUserAsync();
        var phone = await AddDeviceAsync(user, "phone");
        await using var old = await ImapAsync(user, ServerProcess.Password);
        await using var ofPhone = await ImapAsync(user, phone);
        await using var ofOther = await ImapAsync(other, ServerProcess.Password);
        (await _server.CliAsync("user", "passwd", user, "--password", "another horse 10")).Succeeded();
        Assert.Contains("* BYE", await old.ReadToEndAsync(Soon), StringComparison.Ordinal);
        await using var again = await ImapAsync(user, "another horse 10");
        foreach (var wire in new[] { ofPhone, ofOther, again })
            Assert.Contains(" OK ", (await wire.ImapAsync("NOOP"))[^1], StringComparison.Ordinal);

        // From now on devices need app passwords.
        (await _server.CliAsync("user", "app-password", "require", user)).Succeeded();
        Assert.Contains("* BYE", await again.ReadToEndAsync(Soon), StringComparison.Ordinal);
        Assert.Contains(" OK ", (await ofPhone.ImapAsync("NOOP"))[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disabled_account_loses_all_its_sessions()
    {
        var user = await _server.AddUserAsync();
        await using var own = await ImapAsync(user, ServerProcess.Password);
        await using var ofPhone = await SmtpAsync(user, await AddDeviceAsync(user, "phone"));
        (await _server.CliAsync("user", "disable", user)).Succeeded();
        Assert.Contains("* BYE", await own.ReadToEndAsync(Soon), StringComparison.Ordinal);
        Assert.StartsWith("421", await ofPhone.ReadToEndAsync(Soon), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disabled_domain_refuses_mail_and_sign_ins_ends_the_sessions_of_its_users_alone_and_works_again_when_it_is_enabled()
    {
        (await _server.CliAsync("domain", "add", "second.test")).Succeeded();
        (await _server.CliAsync("user", "add", "zoe@second.test", "--password", ServerProcess.Password)).Succeeded();
        var other = await _server.AddUserAsync();
        await using var own = await ImapAsync("zoe@second.test", ServerProcess.Password);
        await using var ofOther = await ImapAsync(other, ServerProcess.Password);
        Assert.StartsWith("250", await RecipientAsync("zoe@second.test"), StringComparison.Ordinal);
        (await _server.CliAsync("domain", "disable", "second.test")).Succeeded();
        Assert.Contains("* BYE", await own.ReadToEndAsync(Soon), StringComparison.Ordinal);
        Assert.Contains(" OK ", (await ofOther.ImapAsync("NOOP"))[^1], StringComparison.Ordinal);
        foreach (var address in (string[])["zoe@second.test", "postmaster@second.test", "nobody@second.test"])
            Assert.StartsWith("550 5.2.1", await RecipientAsync(address), StringComparison.Ordinal);
        Assert.StartsWith("250", await RecipientAsync(other), StringComparison.Ordinal);
        await using (var refused = await WireClient.ConnectAsync(_server.Ports.Imaps, tls: true))
        {
            await refused.ReadLineAsync();
            Assert.Contains(" NO ", (await refused.ImapAsync($"LOGIN zoe@second.test \"{ServerProcess.Password}\""))[^1], StringComparison.Ordinal);
        }

        (await _server.CliAsync("domain", "enable", "second.test")).Succeeded();
        await using var again = await ImapAsync("zoe@second.test", ServerProcess.Password);
        Assert.StartsWith("250", await RecipientAsync("zoe@second.test"), StringComparison.Ordinal);
    }

    private async Task<string> RecipientAsync(string address)
    {
        await using var wire = await WireClient.ConnectAsync(_server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO client.example");
        await wire.SmtpAsync("MAIL FROM:<somebody@remote.test>");
        return await wire.SmtpAsync($"RCPT TO:<{address}>");
    }

    private async Task<string> AddDeviceAsync(string user, string name)
    {
        using var made = JsonDocument.Parse((await _server.CliAsync("user", "app-password", "add", user, name, "--json")).Succeeded().Output);
        return made.RootElement[0].GetProperty("password").GetString()!;
    }

    private async Task<WireClient> ImapAsync(string user, string password)
    {
        var wire = await WireClient.ConnectAsync(_server.Ports.Imaps, tls: true);
        await wire.ReadLineAsync();
        Assert.Contains(" OK ", (await wire.ImapAsync($"LOGIN {user} \"{password}\""))[^1], StringComparison.Ordinal);
        return wire;
    }

    private async Task<WireClient> SmtpAsync(string user, string password)
    {
        var wire = await WireClient.ConnectAsync(_server.Ports.Submissions, tls: true);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO client.example");
        Assert.StartsWith("235", await wire.SmtpAsync($"AUTH PLAIN {Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{user}\0{password}"))}"), StringComparison.Ordinal);
        return wire;
    }
}
