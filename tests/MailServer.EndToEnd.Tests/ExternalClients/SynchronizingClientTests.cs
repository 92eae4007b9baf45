using System.Globalization;
using MailKit;
using MailKit.Search;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.ExternalClients;

/// <summary>External programs that synchronize a local Maildir with the server in both directions: mbsync, offlineimap.</summary>
public sealed class SynchronizingClientTests(SharedServer shared) : ExternalClientTest(shared)
{
    private const int Many = 1_000;

    private string LocalInbox => Path.Combine(Home, "mail", "INBOX");

    [ClientFact("mbsync")]
    public async Task Mbsync_synchronizes_a_thousand_messages_in_both_directions()
    {
        var (certificate, _) = await Server.CertificateAsync(Home);
        Directory.CreateDirectory(Path.Combine(Home, "mail"));
        var configuration = Configure("mbsyncrc", $"""
            IMAPAccount server
            Host localhost
            Port {Imaps}
            User {User}
            Pass "{ServerProcess.Password}"
            SSLType IMAPS
            CertificateFile {certificate}

            IMAPStore far
            Account server

            MaildirStore near
            Path {Home}/mail/
            Inbox {LocalInbox}
            SubFolders Verbatim

            Channel all
            Far :far:
            Near :near:
            Patterns INBOX Sent
            Create Both
            Expunge Both
            Sync All
            SyncState *
            """);
        Task SyncAsync() => RunAsync("mbsync", ["-c", configuration, "-a"]);

        await FillServerAsync(Many / 2);
        await SyncAsync();
        Assert.Equal(Many / 2, LocalFiles().Count);

        for (var i = Many / 2; i < Many; i++)
        {
            DropLocally($"local {i.ToString(CultureInfo.InvariantCulture)}");
        }

        await SyncAsync();
        using var client = await Server.ImapAsync(User);
        await client.Inbox.OpenAsync(FolderAccess.ReadWrite);
        Assert.Equal(Many, client.Inbox.Count);

        // Changes on both sides: flags and deletions here and there.
        await client.Inbox.AddFlagsAsync(Enumerable.Range(0, 50).ToList(), MessageFlags.Flagged, silent: true);
        await client.Inbox.AddFlagsAsync(Enumerable.Range(50, 25).ToList(), MessageFlags.Deleted, silent: true);
        await client.Inbox.ExpungeAsync();
        var local = LocalFiles().Where(f => File.ReadAllText(f).Contains("Subject: local", StringComparison.Ordinal)).ToList();
        local.Take(30).ToList().ForEach(f => MarkLocally(f, "S"));
        local.Skip(30).Take(20).ToList().ForEach(f => MarkLocally(f, "T"));
        await SyncAsync();
        await client.NoOpAsync();
        Assert.Equal(Many - 25 - 20, client.Inbox.Count);
        Assert.Equal(30, (await client.Inbox.SearchAsync(SearchQuery.Seen)).Count);
        Assert.Equal(Many - 25 - 20, LocalFiles().Count);
        Assert.Equal(50, LocalFiles().Count(f => Flags(f).Contains('F', StringComparison.Ordinal)));

        // Everything is in sync: a further run changes nothing.
        var before = LocalFiles();
        await SyncAsync();
        Assert.Equal(before, LocalFiles());
    }

    [ClientFact("offlineimap")]
    public async Task Offlineimap_synchronizes_a_Maildir_in_both_directions()
    {
        var (_, fingerprint) = await Server.CertificateAsync(Home);
        var configuration = Configure("offlineimaprc", $"""
            [general]
            accounts = all
            metadata = {Home}/state
            ui = quiet
            fsync = False

            [Account all]
            localrepository = near
            remoterepository = far

            [Repository near]
            type = Maildir
            localfolders = {Home}/mail

            [Repository far]
            type = IMAP
            remotehost = 127.0.0.1
            remoteport = {Imaps}
            remoteuser = {User}
            remotepass = {ServerProcess.Password}
            ssl = yes
            cert_fingerprint = {fingerprint}
            auth_mechanisms = PLAIN, LOGIN
            """);
        Task SyncAsync() => RunAsync("offlineimap", ["-o", "-c", configuration]);

        await FillServerAsync(40);
        await SyncAsync();
        Assert.Equal(40, LocalFiles().Count);
        DropLocally("written here");
        LocalFiles().Take(5).ToList().ForEach(f => MarkLocally(f, "S"));
        await SyncAsync();
        using var client = await Server.ImapAsync(User);
        await client.Inbox.OpenAsync(FolderAccess.ReadWrite);
        Assert.Equal(41, client.Inbox.Count);
        Assert.NotEmpty(await client.Inbox.SearchAsync(SearchQuery.SubjectContains("written here")));
        Assert.InRange((await client.Inbox.SearchAsync(SearchQuery.Seen)).Count, 4, 5);
        await client.Inbox.AddFlagsAsync([0, 1, 2], MessageFlags.Deleted, silent: true);
        await client.Inbox.ExpungeAsync();
        await SyncAsync();
        Assert.Equal(38, LocalFiles().Count);
    }

    private async Task FillServerAsync(int count)
    {
        await using var wire = await WireClient.ConnectAsync(Server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.example");
        for (var i = 0; i < count; i++)
        {
            var reply = await wire.TransactionAsync("someone@sender.example", [User], TestMail.Text(User, $"far {i.ToString(CultureInfo.InvariantCulture)}"));
            Assert.StartsWith("250", reply, StringComparison.Ordinal);
        }
    }

    private List<string> LocalFiles() =>
        [.. new[] { "cur", "new" }.Select(f => Path.Combine(LocalInbox, f)).Where(Directory.Exists).SelectMany(Directory.EnumerateFiles).Order(StringComparer.Ordinal)];

    /// <summary>Adds a message to a Maildir like any mail program.</summary>
    private void DropLocally(string subject) =>
        File.WriteAllText(Path.Combine(LocalInbox, "new", $"{Guid.NewGuid():N}.test"), TestMail.Text(User, subject).Replace("\r\n", "\n", StringComparison.Ordinal));

    /// <summary>Sets flags like any mail program: in the file name, in cur.</summary>
    private void MarkLocally(string file, string flags)
    {
        var letters = string.Concat((Flags(file) + flags).Distinct().Order());
        File.Move(file, Path.Combine(LocalInbox, "cur", $"{Path.GetFileName(file).Split(":2,")[0]}:2,{letters}"));
    }

    private static string Flags(string file) => Path.GetFileName(file).Split(":2,") is [_, var flags] ? flags : "";
}
