using System.Diagnostics;
using System.Text.Json;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.RunningServer;

/// <summary>The commands that inspect the running server.</summary>
[Collection(SharedServerCollection.Name)]
public sealed class RuntimeCommandsTests(SharedServer shared)
{
    private readonly ServerProcess _server = shared.Server;

    [Fact]
    public async Task Status_shows_what_is_running()
    {
        var user = await _server.AddUserAsync();
        using var client = await _server.ImapAsync(user);
        using var status = JsonDocument.Parse((await _server.CliAsync("status", "--json")).Succeeded().Output);
        var root = status.RootElement;
        Assert.Equal(_server.ProcessId, root.GetProperty("process_id").GetInt32());
        Assert.Contains(root.GetProperty("ports").EnumerateArray(), p => p.GetProperty("name").GetString() == "imaps" && p.GetProperty("port").GetInt32() == _server.Ports.Imaps);
        Assert.True(root.GetProperty("sessions").GetProperty("imaps").GetInt32() >= 1);
        Assert.InRange(root.GetProperty("certificates")[0].GetProperty("days_left").GetInt32(), 1, 4_000);
        Assert.True(root.GetProperty("disk").GetProperty("total").GetInt64() > 0);
        Assert.Contains("certificate\t", (await _server.CliAsync("status")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_is_listed_shown_and_ended_while_others_continue()
    {
        var (ann, ben) = (await _server.AddUserAsync("ann"), await _server.AddUserAsync("ben"));
        await using var wire = await SignInAsync(ann);
        await wire.ImapAsync("ID (\"name\" \"Test Mail\" \"version\" \"3\")");
        await wire.ImapAsync("SELECT INBOX");
        using var other = await _server.ImapAsync(ben);

        var session = await SessionOfAsync(ann);
        Assert.Equal("imaps", session.GetProperty("listener").GetString());
        Assert.Equal("Test Mail 3", session.GetProperty("client").GetString());
        Assert.Equal("INBOX", session.GetProperty("folder").GetString());
        Assert.Equal("SELECT", session.GetProperty("last_command").GetString());
        Assert.StartsWith("TLSv1.3 ", session.GetProperty("tls").GetString(), StringComparison.Ordinal);
        Assert.True(session.GetProperty("bytes_in").GetInt64() > 50);
        Assert.True(session.GetProperty("bytes_out").GetInt64() > 200);

        var id = session.GetProperty("id").GetString()!;
        Assert.Contains(ann, (await _server.CliAsync("sessions", "show", id)).Succeeded().Output, StringComparison.Ordinal);
        (await _server.CliAsync("sessions", "kick", id)).Succeeded();
        Assert.StartsWith("* BYE", await wire.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Null(await wire.ReadLineAsync());
        await other.NoOpAsync();
        await Eventually.BecomesTrueAsync(async () => (await _server.CliAsync("sessions", "show", id)).ExitCode == 1, "the session has ended");
        Assert.Equal(1, (await _server.CliAsync("sessions", "kick", id)).ExitCode);
    }

    [Fact]
    public async Task Submission_sessions_are_listed_and_top_works_without_a_terminal()
    {
        var user = await _server.AddUserAsync();
        using var client = await _server.SubmitAsync(user);
        var session = await SessionOfAsync(user);
        Assert.Equal("submission", session.GetProperty("listener").GetString());
        Assert.Contains(user, (await _server.CliAsync("sessions", "top")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conversation_is_followed_without_its_secrets()
    {
        const string Secret = "b7c1-nobody-may-read-this";
        var user = await _server.AddUserAsync();
        await using var wire = await SignInAsync(user);
        var id = (await SessionOfAsync(user)).GetProperty("id").GetString()!;
        using var tail = StartTail(id);
        await AppearsAsync(tail, wire, "NOOP");

        var letter = $"Subject: {Secret}\r\n\r\n{Secret}\r\n";
        await wire.ImapAsync($"APPEND INBOX {{{letter.Length}+}}\r\n{letter}");
        await wire.ImapAsync("SELECT INBOX");
        await wire.ImapAsync("FETCH 1:* (FLAGS ENVELOPE BODY[])");
        await wire.ImapAsync($"SEARCH SUBJECT {Secret}");
        await wire.ImapAsync($"LOGIN {user} {Secret}");
        await wire.ImapAsync("LOGOUT");
        var told = await tail.StandardOutput.ReadToEndAsync();
        await tail.WaitForExitAsync();

        Assert.Equal(0, tail.ExitCode);
        Assert.DoesNotContain(Secret, told, StringComparison.Ordinal);
        Assert.Contains($"(message, {letter.Length} octets)", told, StringComparison.Ordinal);
        Assert.Contains("C: w", told, StringComparison.Ordinal);
        Assert.Contains("S: * 1 FETCH (FLAGS", told, StringComparison.Ordinal);
        Assert.Contains("LOGIN ***", told, StringComparison.Ordinal);
        Assert.Contains("* BYE", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_observer_that_disconnects_does_not_affect_the_session()
    {
        var user = await _server.AddUserAsync();
        await using var wire = await SignInAsync(user);
        var id = (await SessionOfAsync(user)).GetProperty("id").GetString()!;
        using (var tail = StartTail(id))
        {
            await AppearsAsync(tail, wire, "NOOP");
            tail.Kill();
            await tail.WaitForExitAsync();
        }

        for (var i = 0; i < 20; i++) Assert.Contains(" OK ", (await wire.ImapAsync("NOOP"))[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mailboxes_are_listed_with_their_sessions_and_shown_with_their_folders()
    {
        var user = await _server.AddUserAsync();
        await using var wire = await SignInAsync(user);
        await wire.ImapAsync("SELECT INBOX");
        await wire.ImapAsync("APPEND INBOX {4+}\r\nabcd");
        using var listed = JsonDocument.Parse((await _server.CliAsync("mailboxes", "list", "--json")).Succeeded().Output);
        var mailbox = listed.RootElement.EnumerateArray().Single(m => m.GetProperty("account").GetString() == user);
        Assert.Equal(1, mailbox.GetProperty("watchers").GetInt32());
        using var shown = JsonDocument.Parse((await _server.CliAsync("mailboxes", "show", user, "--json")).Succeeded().Output);
        var inbox = shown.RootElement.EnumerateArray().Single(f => f.GetProperty("folder").GetString() == "INBOX");
        Assert.Equal((1, 2), (inbox.GetProperty("messages").GetInt32(), inbox.GetProperty("uid_next").GetInt32()));
        Assert.Equal(1, (await _server.CliAsync("mailboxes", "show", "nobody@" + _server.Domain)).ExitCode);
    }

    [Fact]
    public async Task Actors_are_shown_as_a_tree()
    {
        var tree = (await _server.CliAsync("actors", "tree")).Succeeded().Output;
        Assert.All(["/user/mailboxes", "/user/sessions", "/user/queue/partition-0", "/user/delivery"], path => Assert.Contains(path + "\t", tree, StringComparison.Ordinal));
        Assert.Equal(1, (await _server.CliAsync("actors", "tree", "/user/nothing")).ExitCode);
    }

    [Fact]
    public async Task The_log_level_of_a_component_changes_while_the_server_runs()
    {
        var user = await _server.AddUserAsync();
        (await _server.CliAsync("log", "level", "imap", "debug")).Succeeded();
        await using (var wire = await SignInAsync(user)) await wire.ImapAsync("LOGOUT");
        await Eventually.BecomesTrueAsync(async () => (await File.ReadAllTextAsync(Path.Combine(_server.Folder, "server.log"))).Contains("IMAP session {Session} ended", StringComparison.Ordinal), "the log tells it");
        Assert.Equal("imap\tinfo", (await _server.CliAsync("log", "level", "imap", "info")).Succeeded().Output.Trim());
        Assert.Equal(2, (await _server.CliAsync("log", "level", "nothing", "debug")).ExitCode);
        Assert.Equal(2, (await _server.CliAsync("log", "level", "imap", "loud")).ExitCode);
    }

    [Fact]
    public async Task The_log_links_a_session_its_message_and_the_delivery_and_contains_no_mail_content()
    {
        const string Secret = "c4d2-content-of-a-letter";
        var (from, to) = (await _server.AddUserAsync(), await _server.AddUserAsync());
        using (var client = await _server.SubmitAsync(from)) await client.SendAsync(MailKitClients.Letter(from, to, Secret, Secret));
        var log = "";
        // The log is written asynchronously, so the last of the three lines may follow the delivery.
        await Eventually.BecomesTrueAsync(async () => IsLinked(log = await File.ReadAllTextAsync(Path.Combine(_server.Folder, "server.log")), from), "the log links sign-in, message and delivery");
        Assert.DoesNotContain(Secret, log, StringComparison.Ordinal);
        Assert.DoesNotContain(ServerProcess.Password, log, StringComparison.Ordinal);
    }

    /// <summary>Whether the log has the sign-in of an account, a message of that session, and its delivery.</summary>
    private static bool IsLinked(string log, string account)
    {
        var events = log[..(log.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => JsonDocument.Parse(l).RootElement).ToList();
        static string? Of(JsonElement e, string name) => e.TryGetProperty(name, out var value) ? value.ToString() : null;
        var session = events.Where(e => Of(e, "Account")?.Contains(account, StringComparison.Ordinal) == true).Select(e => Of(e, "Session")).FirstOrDefault(static s => s is not null);
        var message = events.Where(e => session is not null && Of(e, "Session") == session).Select(e => Of(e, "Message")).FirstOrDefault(static m => m is not null);
        return message is not null && events.Exists(e => Of(e, "Uid") is not null && Of(e, "Message") == message);
    }

    [Fact]
    public async Task Every_command_prints_a_clear_error_when_the_server_is_not_running()
    {
        await using var stopped = await ServerProcess.CreateAsync();
        foreach (var command in (string[])["status", "sessions list", "sessions show x", "sessions kick x", "sessions tail x", "sessions top", "mailboxes list", "actors tree", "log level", "bans list", "bans add 192.0.2.1", "bans remove 192.0.2.1"])
        {
            var run = await stopped.CliAsync(command.Split(' '));
            Assert.Equal(1, run.ExitCode);
            Assert.Contains("is not running", run.Error, StringComparison.Ordinal);
        }

        (await stopped.CliAsync("audit")).Succeeded();
    }

    private async Task<WireClient> SignInAsync(string user)
    {
        var wire = await WireClient.ConnectAsync(_server.Ports.Imaps, tls: true);
        await wire.ReadLineAsync();
        Assert.Contains(" OK ", (await wire.ImapAsync($"LOGIN {user} \"{ServerProcess.Password}\""))[^1], StringComparison.Ordinal);
        return wire;
    }

    private async Task<JsonElement> SessionOfAsync(string user)
    {
        var listed = JsonDocument.Parse((await _server.CliAsync("sessions", "list", "--account", user, "--json")).Succeeded().Output);
        return Assert.Single(listed.RootElement.EnumerateArray());
    }

    private Process StartTail(string id)
    {
        var start = new ProcessStartInfo(ProjectPaths.Executable) { ArgumentList = { "sessions", "tail", id, "--config", _server.ConfigFile }, RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["DOTNET_ROOT"] = ProjectPaths.DotnetRoot;
        return Process.Start(start)!;
    }

    /// <summary>Sends commands until the observer shows one.</summary>
    private static async Task AppearsAsync(Process tail, WireClient wire, string command)
    {
        var first = tail.StandardOutput.ReadLineAsync();
        for (var i = 0; i < 200 && !first.IsCompleted; i++)
        {
            await wire.ImapAsync(command);
            await Task.WhenAny(first, Task.Delay(100));
        }

        Assert.Contains(command, await first, StringComparison.Ordinal);
    }
}
