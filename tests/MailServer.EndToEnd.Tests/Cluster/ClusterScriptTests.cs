using System.Globalization;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Net.Smtp;
using MailKit.Security;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Storage.Tests.Postgres;
using MimeKit;
using Xunit.Abstractions;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>Scripts on two nodes: whichever node a client or a message comes to, the same script decides, and a kill loses and doubles nothing.</summary>
[Collection(nameof(ClusterCollection))]
public sealed class ClusterScriptTests(ITestOutputHelper output)
{
    private const string Keeper = "keeper@example.test";
    private const string ToArchive = "require \"fileinto\"; fileinto \"Archive\";";
    private const string CopyToKeeper = "require [\"copy\", \"imap4flags\"]; addflag \"\\\\Flagged\"; redirect :copy \"" + Keeper + "\";";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [PostgresFact]
    public async Task A_script_put_at_one_node_decides_about_mail_at_the_other()
    {
        await using var rig = await ClusterRig.StartAsync(accounts: 4);
        foreach (var account in rig.Accounts)
        {
            foreach (var (here, there) in new[] { (rig.A, rig.B), (rig.B, rig.A) })
            {
                var name = "put at " + here.Name;
                await using var client = await SignInAsync(here, account);
                Assert.Equal("OK \"Stored\"", await client.PutAsync(name, ToArchive));
                Assert.StartsWith("OK", (await client.SayAsync($"SETACTIVE \"{name}\""))[^1], StringComparison.Ordinal);
                var subject = $"{account} at {there.Name}";
                await SendAsync(there, account, subject);
                foreach (var node in rig.Nodes) Assert.Contains(subject, await SubjectsAsync(node, account, "Archive"));
                // The other node lists it at once, also for the command line.
                await using var other = await SignInAsync(there, account);
                Assert.Contains($"\"{name}\" ACTIVE", await other.SayAsync("LISTSCRIPTS"));
                Assert.Contains(name, (await there.CliAsync("sieve", "list", account)).Succeeded().Output, StringComparison.Ordinal);
                Assert.StartsWith("OK", (await other.SayAsync("SETACTIVE \"\""))[^1], StringComparison.Ordinal);
                await SendAsync(here, account, subject + " without");
                Assert.Contains(subject + " without", await SubjectsAsync(there, account, "INBOX"));
            }

            Assert.DoesNotContain(await SubjectsAsync(rig.A, account, "INBOX"), static s => !s.EndsWith("without", StringComparison.Ordinal));
        }
    }

    [PostgresFact]
    public Task The_younger_node_is_killed_while_scripts_decide() => KillAsync(static rig => (rig.B, rig.A));

    [PostgresFact]
    public Task The_older_node_is_killed_while_scripts_decide() => KillAsync(static rig => (rig.A, rig.B));

    private async Task KillAsync(Func<ClusterRig, (ClusterNode Killed, ClusterNode Survivor)> choose)
    {
        await using var rig = await ClusterRig.StartAsync(accounts: 4, extra: "sieve:\n  sends_per_hour: 100000\n");
        (await rig.A.CliAsync("user", "add", Keeper, "--password", ClusterRig.Password)).Succeeded();
        var (killed, survivor) = choose(rig);
        var editors = new List<ManageSieveClient>();
        foreach (var account in rig.Accounts)
        {
            var editor = await SignInAsync(survivor, account);
            editors.Add(editor);
            Assert.Equal("OK \"Stored\"", await editor.PutAsync("main", CopyToKeeper));
            Assert.StartsWith("OK", (await editor.SayAsync("SETACTIVE \"main\""))[^1], StringComparison.Ordinal);
        }

        await using var load = new ClusterLoad(rig);
        load.Start(2, TimeSpan.FromMilliseconds(100));
        await Task.Delay(2_000);
        await killed.KillAsync();
        foreach (var editor in editors) await GoesOnAsync(editor);
        await killed.StartAsync();
        await ClusterRig.BothAreUpAsync(survivor);
        await load.StopAsync();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{load.Acknowledged} messages acknowledged, {load.Refused} refused or cut off"));
        Assert.True(load.Acknowledged > 20, "enough mail to kill in the middle of");

        // The copy in the account's own mailbox, and the redirected one.
        await load.VerifyAsync(killed, new UidLedger());
        var sent = new List<string>();
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                sent = [.. await SubjectsAsync(survivor, Keeper, "INBOX")];
                return load.AcknowledgedSubjects.All(sent.Contains);
            },
            "every acknowledged message was redirected", TimeSpan.FromSeconds(150), () => $"missing: {string.Join(", ", load.AcknowledgedSubjects.Except(sent).Take(5))}");
        await Task.Delay(2_000);
        sent = [.. await SubjectsAsync(killed, Keeper, "INBOX")];
        Assert.Empty(sent.GroupBy(static s => s).Where(static g => g.Count() > 1).Select(static g => g.Key));
        foreach (var editor in editors) await editor.DisposeAsync();
    }

    /// <summary>A session at the surviving node works on with the mailbox of the killed one. A change is answered, perhaps with a temporary refusal.</summary>
    private static async Task GoesOnAsync(ManageSieveClient editor)
    {
        var last = "";
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                last = await editor.PutAsync("main", CopyToKeeper);
                Assert.True(last == "OK \"Stored\"" || last.StartsWith("NO (TRYLATER)", StringComparison.Ordinal), last);
                return last == "OK \"Stored\"";
            },
            "the session goes on", Patience, () => last);
    }

    private static Task<ManageSieveClient> SignInAsync(ClusterNode node, string account) => ManageSieveClient.SignInAsync(node.ManageSieve, account, ClusterRig.Password, node.Address);

    private static async Task SendAsync(ClusterNode node, string to, string subject)
    {
        using var client = new SmtpClient { Timeout = 15_000 };
        await client.ConnectAsync(node.Address, node.Smtp, SecureSocketOptions.None);
        using var message = new MimeMessage { Subject = subject, Body = new TextPart("plain") { Text = "text" } };
        message.From.Add(new MailboxAddress("", "sender@elsewhere.test"));
        message.To.Add(MailboxAddress.Parse(to));
        await client.SendAsync(message);
        await client.DisconnectAsync(true);
    }

    private static async Task<IReadOnlyList<string>> SubjectsAsync(ClusterNode node, string account, string name)
    {
        using var client = new ImapClient { Timeout = 40_000 };
        await client.ConnectAsync(node.Address, node.Imap, SecureSocketOptions.None);
        await client.AuthenticateAsync(account, ClusterRig.Password);
        var folder = name == "INBOX" ? client.Inbox! : await client.GetFolderAsync(name);
        await folder.OpenAsync(FolderAccess.ReadOnly);
        var found = await folder.FetchAsync(0, -1, MessageSummaryItems.UniqueId | MessageSummaryItems.Envelope);
        await client.DisconnectAsync(true);
        return [.. found.Where(static m => m.Envelope is not null).Select(static m => m.Envelope!.Subject ?? "")];
    }
}
