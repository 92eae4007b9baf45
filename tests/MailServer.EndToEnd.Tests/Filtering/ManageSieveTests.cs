using System.Globalization;
using System.Text.Json;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Filtering;

/// <summary>Scripts that clients store over ManageSieve decide about mail; sign-in, audit and session lists are those of the other protocols.</summary>
[Collection(SharedServerCollection.Name)]
public sealed class ManageSieveTests(SharedServer shared)
{
    private const string ToArchive = "require \"fileinto\"; fileinto \"Archive\";";

    private readonly ServerProcess _server = shared.Server;

    [Fact]
    public async Task A_script_decides_from_its_activation_on()
    {
        var user = await _server.AddUserAsync();
        await using var client = await SignInAsync(user);
        Assert.Equal("OK \"Stored\"", await client.PutAsync("main", ToArchive));
        await _server.DeliverAsync(TestMail.Text(user, "before"), user);
        Assert.Equal("OK \"Activated\"", (await client.SayAsync("SETACTIVE \"main\""))[^1]);
        await _server.DeliverAsync(TestMail.Text(user, "after"), user);
        Assert.Equal("OK \"Renamed\"", (await client.SayAsync("RENAMESCRIPT \"main\" \"other\""))[^1]);
        await _server.DeliverAsync(TestMail.Text(user, "renamed"), user);
        using var imap = await _server.ImapAsync(user);
        await imap.Inbox.OpenAsync(MailKit.FolderAccess.ReadOnly);
        var archive = await imap.GetFolderAsync("Archive");
        await archive.OpenAsync(MailKit.FolderAccess.ReadOnly);
        Assert.Equal((1, 2), (imap.Inbox.Count, archive.Count));
    }

    [Fact]
    public async Task The_command_line_and_clients_see_the_same_scripts()
    {
        var user = await _server.AddUserAsync();
        var file = Path.Combine(_server.Folder, user + ".sieve");
        await File.WriteAllTextAsync(file, ToArchive);
        (await _server.CliAsync("sieve", "put", user, "from the command line", file, "--activate")).Succeeded();
        await using var client = await SignInAsync(user);
        Assert.Equal(["\"from the command line\" ACTIVE", "OK \"Listed\""], await client.SayAsync("LISTSCRIPTS"));
        Assert.Equal("OK \"Stored\"", await client.PutAsync("from a client", "keep;"));
        Assert.Contains("from a client", (await _server.CliAsync("sieve", "list", user)).Succeeded().Output, StringComparison.Ordinal);
        Assert.StartsWith("NO (ACTIVE)", (await client.SayAsync("DELETESCRIPT \"from the command line\""))[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_are_in_the_audit_log_with_the_address_of_the_client()
    {
        var user = await _server.AddUserAsync();
        await using var client = await SignInAsync(user);
        await client.PutAsync("one", "keep;");
        foreach (var command in new[] { "SETACTIVE \"one\"", "RENAMESCRIPT \"one\" \"two\"", "SETACTIVE \"\"", "DELETESCRIPT \"two\"" }) Assert.StartsWith("OK", (await client.SayAsync(command))[^1], StringComparison.Ordinal);
        string[] kinds = ["sieve.stored", "sieve.activated", "sieve.renamed", "sieve.deactivated", "sieve.deleted"];
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                var audit = (await _server.CliAsync("audit", "--account", user)).Succeeded().Output.Split('\n');
                return Array.TrueForAll(kinds, k => Array.Exists(audit, l => l.Contains(k, StringComparison.Ordinal) && l.Contains("managesieve", StringComparison.Ordinal) && l.Contains("127.0.0.1", StringComparison.Ordinal)));
            },
            "the audit log names the changes");
    }

    [Fact]
    public async Task Sessions_status_and_metrics_know_the_listeners()
    {
        var user = await _server.AddUserAsync();
        await using var client = await SignInAsync(user);
        using var sessions = JsonDocument.Parse((await _server.CliAsync("sessions", "list", "--account", user, "--json")).Succeeded().Output);
        var session = Assert.Single(sessions.RootElement.EnumerateArray());
        Assert.Equal(("managesieve", "AUTHENTICATE", "authenticated"), (session.GetProperty("listener").GetString(), session.GetProperty("last_command").GetString(), session.GetProperty("state").GetString()));
        using var status = JsonDocument.Parse((await _server.CliAsync("status", "--json")).Succeeded().Output);
        foreach (var (name, port) in new[] { ("managesieve", _server.Ports.ManageSieve), ("managesieves", _server.Ports.ManageSieves) })
            Assert.Contains(status.RootElement.GetProperty("ports").EnumerateArray(), p => p.GetProperty("name").GetString() == name && p.GetProperty("port").GetInt32() == port);
        Assert.True(status.RootElement.GetProperty("sessions").GetProperty("managesieve").GetInt32() >= 1);

        (await _server.CliAsync("sessions", "kick", session.GetProperty("id").GetString()!)).Succeeded();
        Assert.Equal("BYE (TRYLATER) \"ended by the administrator\"", await client.Wire.ReadLineAsync());
        Assert.Null(await client.Wire.ReadLineAsync());
    }

    [Fact]
    public async Task After_UNAUTHENTICATE_the_session_has_no_account_and_another_may_sign_in()
    {
        var (ann, ben) = (await _server.AddUserAsync("ann"), await _server.AddUserAsync("ben"));
        await using var client = await SignInAsync(ann);
        Assert.Equal("OK \"Stored\"", await client.PutAsync("of ann", "keep;"));
        Assert.StartsWith("OK", (await client.SayAsync("UNAUTHENTICATE"))[^1], StringComparison.Ordinal);
        Assert.Empty(await SessionsAsync(ann));
        Assert.Equal("OK \"Signed in\"", await client.AuthenticateAsync(ben, ServerProcess.Password));
        Assert.Equal(["OK \"Listed\""], await client.SayAsync("LISTSCRIPTS"));
        Assert.Single(await SessionsAsync(ben));
        // The session no longer belongs to the first account.
        (await _server.CliAsync("user", "disable", ann)).Succeeded();
        await Task.Delay(TimeSpan.FromSeconds(6));
        Assert.Equal(["OK \"Listed\""], await client.SayAsync("LISTSCRIPTS"));
        (await _server.CliAsync("user", "disable", ben)).Succeeded();
        Assert.Equal("BYE (TRYLATER) \"the account is disabled\"", await client.Wire.ReadLineAsync());
    }

    [Fact]
    public async Task Passwords_need_TLS_and_failures_are_counted_as_those_of_other_protocols()
    {
        var user = await _server.AddUserAsync();
        await using var plain = await ManageSieveClient.ConnectAsync(_server.Ports.ManageSieve);
        Assert.StartsWith("NO (ENCRYPT-NEEDED)", await plain.AuthenticateAsync(user, ServerProcess.Password), StringComparison.Ordinal);
        await using var tls = await ManageSieveClient.ConnectAsync(_server.Ports.ManageSieves, tls: true);
        Assert.Equal("NO \"Login or password is wrong\"", await tls.AuthenticateAsync(user, "wrong"));
        await Eventually.BecomesTrueAsync(
            async () => (await _server.CliAsync("audit", "--account", user)).Succeeded().Output.Contains("sign-in.failed", StringComparison.Ordinal), "the failure is in the audit log");
        var made = (await _server.CliAsync("user", "app-password", "add", user, "editor", "--scope", "mail", "--json")).Succeeded().Output;
        using var json = JsonDocument.Parse(made);
        Assert.Equal("OK \"Signed in\"", await tls.AuthenticateAsync(user, json.RootElement[0].GetProperty("password").GetString()!));
    }

    [Fact]
    public async Task What_is_sent_before_the_handshake_is_dropped()
    {
        await using var client = await ManageSieveClient.ConnectAsync(_server.Ports.ManageSieve);
        await client.Wire.SendAsync("STARTTLS\r\nNOOP \"injected\"\r\nNOOP \"inj");
        Assert.StartsWith("OK", await client.Wire.ReadLineAsync(), StringComparison.Ordinal);
        await client.Wire.StartTlsAsync();
        await client.Wire.SendAsync("NOOP \"mine\"\r\n");
        var lines = new List<string>();
        while (lines.Count == 0 || !lines[^1].StartsWith("mine", StringComparison.Ordinal)) lines.Add((await client.Wire.ReadLineAsync())!);
        Assert.DoesNotContain(lines, static l => l.Contains("inj", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_script_of_the_largest_size_passes_and_a_larger_one_is_refused()
    {
        var user = await _server.AddUserAsync();
        await using var client = await SignInAsync(user);
        var script = "#" + new string('x', (512 * 1024) - 1);
        Assert.Equal("OK \"Stored\"", await client.PutAsync("large", script));
        await client.Wire.SendAsync("GETSCRIPT \"large\"\r\n");
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{{{script.Length}}}"), await client.Wire.ReadLineAsync());
        Assert.Equal(script, await client.Wire.ReadOctetsAsync(script.Length));
        Assert.Equal("", await client.Wire.ReadLineAsync());
        Assert.Equal("OK \"Sent\"", await client.Wire.ReadLineAsync());
        Assert.StartsWith("NO (QUOTA/MAXSIZE)", await client.PutAsync("large", script + "x"), StringComparison.Ordinal);
    }

    private Task<ManageSieveClient> SignInAsync(string user) => ManageSieveClient.SignInAsync(_server.Ports.ManageSieve, user, ServerProcess.Password);

    private async Task<IReadOnlyList<string>> SessionsAsync(string user)
    {
        using var json = JsonDocument.Parse((await _server.CliAsync("sessions", "list", "--account", user, "--json")).Succeeded().Output);
        return [.. json.RootElement.EnumerateArray().Select(static s => s.GetProperty("id").GetString()!)];
    }
}
