using MailKit;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.BackupAndImport;

/// <summary><c>check</c> finds what is wrong with a mailbox, and <c>--repair</c> fixes it, with and without a running server.</summary>
public sealed class CheckCommandTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_missing_file_an_unindexed_file_and_a_changed_file_are_found_and_repaired(bool running)
    {
        await using var server = await ServerProcess.StartNewAsync();
        var user = await server.AddUserAsync();
        foreach (var subject in new[] { "first", "second", "third" }) await server.DeliverAsync(TestMail.Text(user, subject), user);
        Assert.Equal(0, (await server.CliAsync("check", "--account", user)).ExitCode);
        if (!running) Assert.Equal(0, await server.StopAsync());

        var lost = server.FilesWith("Subject: first").Single();
        File.Delete(lost);
        await File.AppendAllTextAsync(server.FilesWith("Subject: second").Single(), "more than there was\r\n");
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(lost)!, "1.stranger"), "Subject: stranger\r\n\r\nx\r\n");

        var found = await server.CliAsync("check", "--account", user);
        Assert.True(found.ExitCode == 1 || !running, found.Everything);
        if (running)
        {
            Assert.Contains("has no file", found.Output, StringComparison.Ordinal);
            Assert.Contains("the index records", found.Output, StringComparison.Ordinal);
            Assert.Contains("1.stranger", found.Output, StringComparison.Ordinal);
        }

        (await server.CliAsync("check", "--repair", "--account", user)).Succeeded();
        var clean = (await server.CliAsync("check", "--account", user)).Succeeded();
        Assert.Contains("\t3\t", clean.Output, StringComparison.Ordinal);
        if (!running) await server.StartAsync();
        var (client, inbox) = await server.InboxAsync(user);
        using var signedIn = client;
        var subjects = (await inbox.FetchAsync(0, -1, MessageSummaryItems.Envelope)).Select(m => m.Envelope!.Subject);
        Assert.Equal(["second", "stranger", "third"], subjects.Order(StringComparer.Ordinal));
    }
}
