using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.BackupAndImport;

/// <summary>Backups, and restores of them.</summary>
public sealed class BackupTests
{
    private const string Event = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:kept\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260310T100000Z\r\nSUMMARY:Kept\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    [Fact]
    public async Task A_restore_returns_everything_with_hashes_UIDs_flags_and_dates()
    {
        await using var server = await ServerProcess.StartNewAsync();
        string[] users = [await server.AddUserAsync(), await server.AddUserAsync()];
        foreach (var (user, seed) in users.Select((u, i) => (u, i))) await MailboxContents.FillAsync(server, user, seed);
        await PutAsync(server, users[0]);
        var backups = Path.Combine(server.Folder, "backups");

        // Mail keeps arriving during the backup; everything from before it must be included.
        var before = await PicturesAsync(server, users);
        var used = await MailboxContents.UsedAsync(server, users[0]);
        using var stop = new CancellationTokenSource();
        var deliveries = KeepDeliveringAsync(server, users[1], stop.Token);
        (await server.CliAsync("backup", backups)).Succeeded();
        await stop.CancelAsync();
        await deliveries;
        (await server.CliAsync("backup", "verify", backups)).Succeeded();

        Assert.Equal(0, await server.StopAsync());
        Directory.Delete(Path.Combine(server.Folder, "data"), recursive: true);
        (await server.CliAsync("restore", backups)).Succeeded();
        await server.StartAsync();
        // Nobody has opened the mailbox since.
        Assert.Equal(used, await MailboxContents.UsedAsync(server, users[0]));
        (await server.CliAsync("check")).Succeeded();

        var after = await PicturesAsync(server, users);
        Assert.Equal(before[users[0]], after[users[0]]);
        Assert.Empty(before[users[1]].Except(after[users[1]], StringComparer.Ordinal));
        Assert.Equal(Event, await GetAsync(server, users[0]));
        Assert.Equal("", string.Concat((await server.CliAsync("check")).Succeeded().Output.Split('\n').Where(l => l.Split('\t') is [_, _, { Length: > 0 }])));

        // UIDs continue after the last one: none is reused.
        await server.DeliverAsync(TestMail.Text(users[0], "after-the-restore"), users[0]);
        var now = await MailboxContents.OfAsync(server, users[0]);
        Assert.Equal(now.Count, now.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task A_second_backup_copies_only_changes_and_each_backup_is_complete()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var user = await server.AddUserAsync();
        await MailboxContents.FillAsync(server, user, seed: 5, messages: 30);
        var backups = Path.Combine(server.Folder, "backups");
        var first = Numbers(await server.CliAsync("backup", backups, "--json"));
        await Task.Delay(1_100);
        await server.DeliverAsync(TestMail.Text(user, "one-more"), user);
        var second = Numbers(await server.CliAsync("backup", backups, "--json"));
        Assert.True(first.NewFiles >= 30, $"the first backup copied {first.NewFiles} files");
        // The number of all files may stay the same: the first backup may have met a message that was still in the spool, too.
        Assert.InRange(second.NewFiles, 1, 29);
        (await server.CliAsync("backup", "verify", backups)).Succeeded();

        // The first backup is removed; the second must not need it.
        (await server.CliAsync("backup", backups, "--keep", "1")).Succeeded();
        Assert.Single((await server.CliAsync("backup", "list", backups)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        (await server.CliAsync("backup", "verify", backups)).Succeeded();
    }

    [Fact]
    public async Task Verify_finds_a_flipped_bit_a_missing_file_and_an_extra_file()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var user = await server.AddUserAsync();
        await MailboxContents.FillAsync(server, user, seed: 6, messages: 5);
        Assert.Equal(0, await server.StopAsync());
        var backups = Path.Combine(server.Folder, "backups");
        (await server.CliAsync("backup", backups)).Succeeded();
        var made = Directory.GetDirectories(backups).Single();
        var messages = Directory.GetFiles(made, "*,U=*", SearchOption.AllDirectories);
        await using (var file = File.Open(messages[0], FileMode.Open))
        {
            file.Position = 10;
            var octet = file.ReadByte();
            file.Position = 10;
            file.WriteByte((byte)(octet ^ 1));
        }

        File.Delete(messages[1]);
        await File.WriteAllTextAsync(Path.Combine(made, "stray"), "?");
        var run = await server.CliAsync("backup", "verify", backups);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(Path.GetFileName(messages[0]), run.Output, StringComparison.Ordinal);
        Assert.Contains("has changed", run.Output, StringComparison.Ordinal);
        Assert.Contains("is missing", run.Output, StringComparison.Ordinal);
        Assert.Contains("stray", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restore_overwrites_nothing_and_needs_exclusive_access_to_the_data()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var user = await server.AddUserAsync();
        var backups = Path.Combine(server.Folder, "backups");
        (await server.CliAsync("backup", backups)).Succeeded();
        Assert.Contains("running", (await server.CliAsync("restore", backups)).Error, StringComparison.Ordinal);
        Assert.Equal(0, await server.StopAsync());
        var refused = await server.CliAsync("restore", backups);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("not empty", refused.Error, StringComparison.Ordinal);
        Assert.Contains("no backup", (await server.CliAsync("restore", Path.Combine(server.Folder, "nowhere"))).Error, StringComparison.Ordinal);
        Assert.Contains(user, (await server.CliAsync("user", "list")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_account_is_restored_into_the_account_that_replaced_it()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var user = await server.AddUserAsync();
        await MailboxContents.FillAsync(server, user, seed: 7, messages: 20);
        var before = await MailboxContents.OfAsync(server, user);
        var backups = Path.Combine(server.Folder, "backups");
        (await server.CliAsync("backup", backups)).Succeeded();
        (await server.CliAsync("user", "remove", user, "--purge")).Succeeded();
        (await server.CliAsync("user", "add", user, "--password", ServerProcess.Password)).Succeeded();
        Assert.Equal(0, await server.StopAsync());
        (await server.CliAsync("restore", backups, "--account", user)).Succeeded();
        await server.StartAsync();
        Assert.Equal(before, await MailboxContents.OfAsync(server, user));
    }

    [Fact]
    public async Task A_killed_backup_keeps_the_older_one_and_leaves_no_partial_one()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var user = await server.AddUserAsync();
        await MailboxContents.FillAsync(server, user, seed: 8, messages: 40);
        var backups = Path.Combine(server.Folder, "backups");
        (await server.CliAsync("backup", backups)).Succeeded();
        await Task.Delay(1_100);
        await MailboxContents.FillAsync(server, await server.AddUserAsync(), seed: 9, messages: 40);
        var running = server.CliAsync("backup", backups);
        await Task.Delay(new Random(3).Next(50, 400));
        await server.KillAsync();
        await running;
        await server.StartAsync();
        (await server.CliAsync("backup", "verify", backups)).Succeeded();
        await Task.Delay(1_100);
        (await server.CliAsync("backup", backups)).Succeeded();
        (await server.CliAsync("backup", "verify", backups)).Succeeded();
        Assert.DoesNotContain(Directory.GetDirectories(backups), d => Path.GetFileName(d).StartsWith('.'));
    }

    private static async Task<Dictionary<string, IReadOnlyList<string>>> PicturesAsync(ServerProcess server, string[] users)
    {
        var pictures = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var user in users) pictures[user] = await MailboxContents.OfAsync(server, user);
        return pictures;
    }

    private static async Task KeepDeliveringAsync(ServerProcess server, string user, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++) await server.DeliverAsync(TestMail.Text(user, "meanwhile" + i.ToString(CultureInfo.InvariantCulture)), user);
    }

    private static (long Files, long NewFiles) Numbers(ProgramRun run)
    {
        using var json = System.Text.Json.JsonDocument.Parse(run.Succeeded().Output);
        var row = json.RootElement[0];
        return (row.GetProperty("files").GetInt64(), row.GetProperty("new_files").GetInt64());
    }

    private static HttpClient Dav(ServerProcess server, string user)
    {
        var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = static (_, _, _, _) => true };
        var client = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{server.Ports.Dav}/dav/calendars/{user}/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{ServerProcess.Password}")));
        return client;
    }

    private static async Task PutAsync(ServerProcess server, string user)
    {
        using var client = Dav(server, user);
        using var body = new StringContent(Event, Encoding.UTF8, "text/calendar");
        using var response = await client.PutAsync(new Uri("calendar/kept.ics", UriKind.Relative), body);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    private static async Task<string> GetAsync(ServerProcess server, string user)
    {
        using var client = Dav(server, user);
        return await client.GetStringAsync(new Uri("calendar/kept.ics", UriKind.Relative));
    }
}
