using System.Text.Json;
using MailServer.EndToEnd.Tests.Dav;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.BackupAndImport;

/// <summary>
/// Loss of <c>mail.db</c>: no user ever reads the folder of another, the server reports folders that do not match, and <c>user recover</c>
/// returns each folder to its owner.
/// </summary>
public sealed class LostDirectoryTests
{
    public enum DirectoryLoss
    {
        Lost,
        Empty,
        OlderCopy,
        OtherServers,
    }

    public static TheoryData<DirectoryLoss> Losses() => [.. Enum.GetValues<DirectoryLoss>()];

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task No_new_user_gets_the_folder_of_another_and_its_owner_gets_it_back(DirectoryLoss loss)
    {
        await using var server = await ServerProcess.StartNewAsync();
        var ann = await server.AddUserAsync("ann");
        await server.DeliverAsync(TestMail.Text(ann, "for Ann"), ann);
        var older = await SaveAsync(server);
        var bob = await server.AddUserAsync("bob");
        await server.DeliverAsync(TestMail.Text(bob, "for Bob"), bob);
        using (var calendar = new DavClient(server, bob)) Assert.Equal(201, (int)(await calendar.SendAsync("PUT", calendar.Calendar + "secret.ics", DavClient.Event("secret"))).Status);
        Assert.Equal(0, await server.StopAsync());
        await LoseAsync(server, loss, older);
        await server.StartAsync();

        // A new user.
        var eve = await server.AddUserAsync("eve");
        Assert.True(await IdAsync(server, eve) > 2, "the id of a folder that is there was given again");
        await server.DeliverAsync(TestMail.Text(eve, "for Eve"), eve);
        Assert.Equal(["for Eve"], await SubjectsAsync(server, eve));
        using (var calendar = new DavClient(server, eve)) Assert.Equal(404, (int)(await calendar.SendAsync("GET", calendar.Calendar + "secret.ics")).Status);

        // A user who has the id of another folder.
        if (loss == DirectoryLoss.OtherServers) await AssertClosedAsync(server, "carol1@" + server.Domain);

        var status = (await server.CliAsync("status")).Succeeded().Output;
        var check = await server.CliAsync("check");
        Assert.Contains($"user recover {bob}", check.Output, StringComparison.Ordinal);
        Assert.Contains(loss == DirectoryLoss.OtherServers ? $"user recover {bob}" : bob, status, StringComparison.Ordinal);

        await RecoverAsync(server, bob, "for Bob");
        if (loss != DirectoryLoss.OlderCopy) await RecoverAsync(server, ann, "for Ann");
        Assert.Equal(["for Ann"], await SubjectsAsync(server, ann));
        using (var calendar = new DavClient(server, bob)) Assert.Equal(200, (int)(await calendar.SendAsync("GET", calendar.Calendar + "secret.ics")).Status);
        Assert.DoesNotContain("user recover", (await server.CliAsync("check")).Output, StringComparison.Ordinal);
        await server.RestartAsync();
        Assert.Equal(["for Bob"], await SubjectsAsync(server, bob));
        Assert.Equal(["for Eve"], await SubjectsAsync(server, eve));
        Assert.DoesNotContain("user recover", (await server.CliAsync("status")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_who_was_added_again_gets_the_old_folder_and_keeps_the_new_password()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var ann = await server.AddUserAsync("ann");
        await server.DeliverAsync(TestMail.Text(ann, "before"), ann);
        Assert.Equal(0, await server.StopAsync());
        await LoseAsync(server, DirectoryLoss.Lost, "");
        (await server.CliAsync("user", "add", ann, "--password", ServerProcess.Password)).Succeeded();
        await server.StartAsync();
        var refused = await server.CliAsync("user", "recover", ann);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("the server is running", refused.Everything, StringComparison.Ordinal);
        Assert.Equal(0, await server.StopAsync());
        (await server.CliAsync("user", "recover", ann)).Succeeded();
        await server.StartAsync();
        Assert.Equal(["before"], await SubjectsAsync(server, ann));
    }

    [Fact]
    public async Task The_folder_of_a_removed_user_is_not_a_problem_and_is_not_reassigned()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var ann = await server.AddUserAsync("ann");
        await server.DeliverAsync(TestMail.Text(ann, "kept"), ann);
        (await server.CliAsync("user", "remove", ann)).Succeeded();
        await server.RestartAsync();
        Assert.DoesNotContain("recover", (await server.CliAsync("status")).Output, StringComparison.Ordinal);
        (await server.CliAsync("user", "add", ann, "--password", ServerProcess.Password)).Succeeded();
        Assert.Empty(await SubjectsAsync(server, ann));
    }

    private static string DatabaseOf(ServerProcess server) => Path.Combine(server.Folder, "data", "mail.db");

    private static async Task<string> SaveAsync(ServerProcess server)
    {
        Assert.Equal(0, await server.StopAsync());
        var copy = DatabaseOf(server) + ".older";
        File.Copy(DatabaseOf(server), copy);
        await server.StartAsync();
        return copy;
    }

    private static async Task LoseAsync(ServerProcess server, DirectoryLoss loss, string older)
    {
        var database = DatabaseOf(server);
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(database)!, "mail.db*").Where(f => f != older)) File.Move(file, file + ".lost");
        switch (loss)
        {
            case DirectoryLoss.OlderCopy:
                File.Copy(older, database);
                return;
            case DirectoryLoss.OtherServers:
                // Its accounts were added at another time.
                await Task.Delay(1_100);
                await using (var other = await ServerProcess.CreateAsync(server.Settings))
                {
                    await other.AddUserAsync("carol");
                    await other.AddUserAsync("dave");
                    File.Copy(DatabaseOf(other), database);
                }

                return;
            case DirectoryLoss.Empty:
                await File.WriteAllBytesAsync(database, []);
                break;
        }

        (await server.CliAsync("migrate")).Succeeded();
        (await server.CliAsync("domain", "add", server.Domain)).Succeeded();
    }

    private static async Task<long> IdAsync(ServerProcess server, string address)
    {
        var listed = JsonDocument.Parse((await server.CliAsync("user", "list", "--json")).Succeeded().Output);
        return listed.RootElement.EnumerateArray().Single(u => u.GetProperty("address").GetString() == address).GetProperty("id").GetInt64();
    }

    private static async Task<IReadOnlyList<string>> SubjectsAsync(ServerProcess server, string user)
    {
        var (client, inbox) = await server.InboxAsync(user);
        using var signedIn = client;
        return [.. (await inbox.FetchAsync(0, -1, new MailKit.FetchRequest(MailKit.MessageSummaryItems.Envelope))).Select(static m => m.Envelope!.Subject!)];
    }

    /// <summary>Signs in, sees nothing over IMAP and DAV, and gets no mail.</summary>
    private static async Task AssertClosedAsync(ServerProcess server, string user)
    {
        await Assert.ThrowsAnyAsync<Exception>(async () => await SubjectsAsync(server, user));
        using var calendar = new DavClient(server, user);
        var listed = await calendar.SendAsync("PROPFIND", calendar.Calendar, null, ("Depth", "1"));
        Assert.InRange((int)listed.Status, 400, 599);
        await using var smtp = await WireClient.ConnectAsync(server.Ports.Smtp);
        await smtp.SmtpReplyAsync();
        await smtp.SmtpAsync("EHLO them.example");
        var reply = await smtp.TransactionAsync("them@sender.example", [user], "Subject: x\r\n\r\nx\r\n");
        Assert.StartsWith("4", reply, StringComparison.Ordinal);
    }

    private static async Task RecoverAsync(ServerProcess server, string user, string subject)
    {
        (await server.CliAsync("user", "recover", user, "--password", ServerProcess.Password)).Succeeded();
        Assert.Equal([subject], await SubjectsAsync(server, user));
    }
}
