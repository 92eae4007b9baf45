using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using MailKit.Security;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.RunningServer;

/// <summary>Access control: bans by a real brute-force attack from another loopback address, app passwords, audit.</summary>
public sealed class AccessControlTests : IAsyncLifetime
{
    private const string Attacker = "127.0.0.66";
    private ServerProcess _server = null!;

    public async Task InitializeAsync() => _server = await ServerProcess.StartNewAsync(new ServerSettings { Security = ["ban_after: 6"] });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_brute_force_attack_is_slowed_then_banned_on_every_port_except_for_mail_delivery_and_the_ban_survives_a_restart()
    {
        var user = await _server.AddUserAsync();
        var tried = 0;
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (tried < 20 && await TryAsync(user, $"guess{tried}")) tried++;
        Assert.InRange(tried, 5, 6);
        // At least 0.25 + 0.5 + 1 seconds on any machine.
        Assert.True(watch.Elapsed > TimeSpan.FromSeconds(1.5), $"{tried} guesses took {watch.Elapsed}");

        Assert.False(await TryAsync(user, ServerProcess.Password));
        await using (var submission = await WireClient.ConnectAsync(_server.Ports.Submission, from: Attacker))
            Assert.StartsWith("421 4.7.0", await submission.SmtpReplyAsync(), StringComparison.Ordinal);
        await using (var incoming = await WireClient.ConnectAsync(_server.Ports.Smtp, from: Attacker))
            Assert.StartsWith("220", await incoming.SmtpReplyAsync(), StringComparison.Ordinal);
        (await _server.ImapAsync(user)).Dispose();

        await _server.RestartAsync();
        Assert.False(await TryAsync(user, ServerProcess.Password));
        Assert.Contains(Attacker, (await _server.CliAsync("bans", "list")).Succeeded().Output, StringComparison.Ordinal);
        (await _server.CliAsync("bans", "remove", Attacker)).Succeeded();
        Assert.True(await TryAsync(user, ServerProcess.Password));
        Assert.Equal(1, (await _server.CliAsync("bans", "remove", Attacker)).ExitCode);

        var audit = (await _server.CliAsync("audit", "--json")).Succeeded().Output;
        Assert.All(["sign-in.failed", "sign-in.ok", "address.banned", "address.unbanned", "user.added", "domain.added"], kind => Assert.Contains(kind, audit, StringComparison.Ordinal));
        Assert.DoesNotContain("guess0", audit, StringComparison.Ordinal);
        Assert.DoesNotContain(ServerProcess.Password, audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manual_ban_blocks_every_port_until_it_is_removed()
    {
        (await _server.CliAsync("bans", "add", "127.0.0.77", "--for", "2h", "--reason", "scans all day")).Succeeded();
        await using (var wire = await WireClient.ConnectAsync(_server.Ports.Smtp, from: "127.0.0.77"))
            Assert.StartsWith("421 4.7.0", await wire.SmtpReplyAsync(), StringComparison.Ordinal);
        using var listed = JsonDocument.Parse((await _server.CliAsync("bans", "list", "--json")).Succeeded().Output);
        Assert.Equal("scans all day", Assert.Single(listed.RootElement.EnumerateArray()).GetProperty("reason").GetString());
        (await _server.CliAsync("bans", "remove", "127.0.0.77")).Succeeded();
        await using (var wire = await WireClient.ConnectAsync(_server.Ports.Smtp, from: "127.0.0.77"))
            Assert.StartsWith("220", await wire.SmtpReplyAsync(), StringComparison.Ordinal);
        Assert.Equal(2, (await _server.CliAsync("bans", "add", "everybody")).ExitCode);
        Assert.Equal(2, (await _server.CliAsync("bans", "add", "192.0.2.1", "--for", "long")).ExitCode);
    }

    [Fact]
    public async Task An_app_password_is_created_used_limited_to_its_scope_and_revoked()
    {
        var user = await _server.AddUserAsync();
        var phone = await AddAppPasswordAsync(user, "phone", "mail,submit");
        var calendar = await AddAppPasswordAsync(user, "calendar", "dav");

        (await _server.ImapAsync(user, phone)).Dispose();
        using (var client = await _server.SubmissionConnectionAsync()) await client.AuthenticateAsync(user, phone);
        await Assert.ThrowsAsync<AuthenticationException>(() => _server.ImapAsync(user, calendar));
        Assert.Equal(HttpStatusCode.Unauthorized, await DavAsync(user, phone));
        Assert.Equal(HttpStatusCode.MultiStatus, await DavAsync(user, calendar));

        using var listed = JsonDocument.Parse((await _server.CliAsync("user", "app-password", "list", user, "--json")).Succeeded().Output);
        Assert.All(listed.RootElement.EnumerateArray(), p => Assert.NotEqual("never", p.GetProperty("last_used").GetString()));
        Assert.DoesNotContain(phone, listed.RootElement.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, (await _server.CliAsync("user", "app-password", "add", user, "phone")).ExitCode);
        Assert.Equal(2, (await _server.CliAsync("user", "app-password", "add", user, "other", "--scope", "everything")).ExitCode);

        (await _server.CliAsync("user", "app-password", "remove", user, "phone")).Succeeded();
        await Assert.ThrowsAsync<AuthenticationException>(() => _server.ImapAsync(user, phone));

        (await _server.CliAsync("user", "app-password", "require", user)).Succeeded();
        await Assert.ThrowsAsync<AuthenticationException>(() => _server.ImapAsync(user));
        (await _server.CliAsync("user", "app-password", "require", user, "--off")).Succeeded();
        (await _server.ImapAsync(user)).Dispose();
    }

    [Fact]
    public async Task A_second_factor_secret_is_shown_once_and_mail_clients_keep_working()
    {
        var user = await _server.AddUserAsync();
        using var enabled = JsonDocument.Parse((await _server.CliAsync("user", "totp", "enable", user, "--json")).Succeeded().Output);
        Assert.StartsWith("otpauth://totp/", enabled.RootElement[0].GetProperty("uri").GetString(), StringComparison.Ordinal);
        Assert.Equal(32, enabled.RootElement[0].GetProperty("secret").GetString()!.Length);
        Assert.Contains("\tyes\tno", (await _server.CliAsync("user", "totp", "status", user)).Succeeded().Output, StringComparison.Ordinal);
        (await _server.ImapAsync(user)).Dispose();
        (await _server.CliAsync("user", "totp", "disable", user)).Succeeded();
        Assert.Contains("\tno\tno", (await _server.CliAsync("user", "totp", "status", user)).Succeeded().Output, StringComparison.Ordinal);
    }

    private async Task<string> AddAppPasswordAsync(string user, string name, string scope)
    {
        using var added = JsonDocument.Parse((await _server.CliAsync("user", "app-password", "add", user, name, "--scope", scope, "--json")).Succeeded().Output);
        return added.RootElement[0].GetProperty("password").GetString()!;
    }

    /// <summary>One guess on its own connection. False: the connection was refused, or the correct password was rejected.</summary>
    private async Task<bool> TryAsync(string user, string password)
    {
        await using var wire = await WireClient.ConnectAsync(_server.Ports.Imaps, tls: true, from: Attacker);
        if (await wire.ReadLineAsync() is not { } greeting || !greeting.StartsWith("* OK", StringComparison.Ordinal)) return false;
        var answer = (await wire.ImapAsync($"LOGIN {user} \"{password}\""))[^1];
        return password != ServerProcess.Password || answer.Contains(" OK ", StringComparison.Ordinal);
    }

    private async Task<HttpStatusCode> DavAsync(string user, string password)
    {
        using var http = Certificates.TrustingHttp();
        using var request = new HttpRequestMessage(new HttpMethod("PROPFIND"), $"https://127.0.0.1:{_server.Ports.Dav.ToString(CultureInfo.InvariantCulture)}/");
        request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        request.Headers.Add("Depth", "0");
        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }
}
