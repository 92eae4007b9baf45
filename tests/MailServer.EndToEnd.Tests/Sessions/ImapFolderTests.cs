using System.Globalization;
using MailKit;
using MailKit.Search;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Sessions;

/// <summary>Filing, flagging, searching and deleting mail over IMAP.</summary>
[Collection(SharedServerCollection.Name)]
public sealed class ImapFolderTests(SharedServer shared)
{
    private readonly ServerProcess _server = shared.Server;

    [Fact]
    public async Task The_default_folders_exist_from_the_start_with_their_special_use()
    {
        using var client = await _server.ImapAsync(await _server.AddUserAsync());
        Assert.Equal("Sent", client.Special(SpecialFolder.Sent).FullName);
        Assert.Equal("Drafts", client.Special(SpecialFolder.Drafts).FullName);
        Assert.Equal("Trash", client.Special(SpecialFolder.Trash).FullName);
        Assert.Equal("Junk", client.Special(SpecialFolder.Junk).FullName);
        Assert.Equal("Archive", client.Special(SpecialFolder.Archive).FullName);
    }

    [Fact]
    public async Task Folders_are_created_renamed_subscribed_and_deleted()
    {
        using var client = await _server.ImapAsync(await _server.AddUserAsync());
        var top = client.GetFolder(client.PersonalNamespaces[0]);
        var project = await top.CreateAsync("Projekt Ü & Co", isMessageFolder: true) ?? throw new InvalidOperationException("not created");
        var year = await project.CreateAsync("2026", isMessageFolder: true) ?? throw new InvalidOperationException("not created");
        Assert.Equal("Projekt Ü & Co/2026", year.FullName);
        await year.SubscribeAsync();
        await project.RenameAsync(top, "Archiv");
        Assert.Equal(
            ["Archiv", "Archiv/2026"],
            (await client.GetFoldersAsync(client.PersonalNamespaces[0])).Select(f => f.FullName).Where(n => n.StartsWith("Archiv", StringComparison.Ordinal) && n != "Archive").Order(StringComparer.Ordinal));
        var renamed = await client.GetFolderAsync("Archiv/2026");
        await renamed.DeleteAsync();
        Assert.DoesNotContain(await client.GetFoldersAsync(client.PersonalNamespaces[0]), f => f.FullName == "Archiv/2026");
        await Assert.ThrowsAnyAsync<Exception>(() => client.Inbox.DeleteAsync());
    }

    [Fact]
    public async Task Appended_messages_keep_their_octets_flags_keywords_and_date()
    {
        var user = await _server.AddUserAsync();
        using var client = await _server.ImapAsync(user);
        var drafts = client.Special(SpecialFolder.Drafts);
        await drafts.OpenAsync(FolderAccess.ReadWrite);
        var letter = MailKitClients.Letter(user, user, "a draft");
        var date = new DateTimeOffset(2020, 2, 29, 12, 34, 56, TimeSpan.FromHours(2));
        var uid = await drafts.AppendAsync(new AppendRequest(letter, MessageFlags.Draft | MessageFlags.Seen, ["$Label1", "work"], date));
        Assert.NotNull(uid);
        var row = Assert.Single(await drafts.FetchAsync([uid.Value], MessageSummaryItems.Flags | MessageSummaryItems.InternalDate | MessageSummaryItems.Size));
        Assert.Equal(MessageFlags.Draft | MessageFlags.Seen, row.Flags & ~MessageFlags.Recent);
        Assert.Equal(["$Label1", "work"], row.Keywords.Order(StringComparer.Ordinal));
        Assert.Equal(date, row.InternalDate);
        using var sent = new MemoryStream();
        await letter.WriteToAsync(new MimeKit.FormatOptions { NewLineFormat = MimeKit.NewLineFormat.Dos }, sent);
        using var stored = new MemoryStream();
        await (await drafts.GetStreamAsync(uid.Value)).CopyToAsync(stored);
        Assert.Equal(sent.ToArray(), stored.ToArray());
    }

    [Fact]
    public async Task Messages_are_copied_moved_and_expunged()
    {
        var user = await _server.AddUserAsync();
        var (client, inbox) = await WithLettersAsync(user, 5);
        using var _ = client;
        var archive = client.Special(SpecialFolder.Archive);
        var uids = await inbox.SearchAsync(SearchQuery.All);
        var copied = await inbox.CopyToAsync([uids[0], uids[1]], archive);
        Assert.Equal([uids[0], uids[1]], copied.Source);
        var moved = await inbox.MoveToAsync([uids[2]], archive);
        Assert.Equal([uids[2]], moved.Source);
        Assert.Equal(4, inbox.Count);
        await inbox.AddFlagsAsync([uids[0], uids[4]], MessageFlags.Deleted, silent: true);
        await inbox.ExpungeAsync([uids[4]]);
        Assert.Equal([uids[0], uids[1], uids[3]], await inbox.SearchAsync(SearchQuery.All));
        await inbox.ExpungeAsync();
        Assert.Equal([uids[1], uids[3]], await inbox.SearchAsync(SearchQuery.All));
        await archive.OpenAsync(FolderAccess.ReadOnly);
        Assert.Equal(3, archive.Count);
        Assert.Equal(["letter 0", "letter 1", "letter 2"], (await archive.FetchAsync(0, -1, MessageSummaryItems.Envelope)).Select(m => m.Envelope!.Subject));
    }

    [Fact]
    public async Task Expunged_messages_are_removed_from_the_Maildir()
    {
        var user = await _server.AddUserAsync();
        var subject = TestMail.NewSubject();
        await _server.DeliverAsync(TestMail.Text(user, subject), user);
        var (client, inbox) = await _server.InboxAsync(user);
        using var _ = client;
        await inbox.AddFlagsAsync(0, MessageFlags.Deleted, silent: true);
        await inbox.ExpungeAsync();
        await Eventually.BecomesTrueAsync(() => _server.FilesWith(subject).Count == 0, "the file is gone");
    }

    [Fact]
    public async Task Searches_find_by_text_flag_date_size_and_set()
    {
        var user = await _server.AddUserAsync();
        var (client, inbox) = await WithLettersAsync(user, 6);
        using var _ = client;
        await _server.DeliverAsync(TestMail.Text(user, "=?utf-8?q?Gr=C3=BC=C3=9Fe?= aus Köln".Replace("Köln", "Koeln", StringComparison.Ordinal), "Der Körper enthält Übermut.\r\n"), user);
        await client.NoOpAsync();
        var uids = await inbox.SearchAsync(SearchQuery.All);
        await inbox.AddFlagsAsync([uids[1], uids[3]], MessageFlags.Flagged, silent: true);
        await inbox.AddFlagsAsync([uids[2]], MessageFlags.None, new HashSet<string>(StringComparer.Ordinal) { "later" }, silent: true);
        Assert.Equal([uids[1], uids[3]], await inbox.SearchAsync(SearchQuery.Flagged));
        Assert.Equal([uids[2]], await inbox.SearchAsync(SearchQuery.HasKeyword("later")));
        Assert.Equal([uids[4]], await inbox.SearchAsync(SearchQuery.SubjectContains("LETTER 4")));
        Assert.Equal([uids[6]], await inbox.SearchAsync(SearchQuery.SubjectContains("grüße")));
        Assert.Equal([uids[6]], await inbox.SearchAsync(SearchQuery.BodyContains("übermut")));
        Assert.Equal([uids[5]], await inbox.SearchAsync(SearchQuery.Uids([uids[5], uids[6]]).And(SearchQuery.SubjectContains("letter"))));
        Assert.Equal(uids, await inbox.SearchAsync(SearchQuery.SentOn(new DateTime(2026, 11, 23, 0, 0, 0, DateTimeKind.Unspecified))));
        Assert.Empty(await inbox.SearchAsync(SearchQuery.LargerThan(1_000_000)));
        Assert.Equal([uids[6]], await inbox.SearchAsync(SearchQuery.Not(SearchQuery.SubjectContains("letter"))));
    }

    [Fact]
    public async Task Structure_and_parts_of_a_mixed_message_are_served()
    {
        var user = await _server.AddUserAsync();
        var letter = MailKitClients.Letter(user, user, "with parts");
        var builder = new MimeKit.BodyBuilder { TextBody = "plain", HtmlBody = "<p>html</p>" };
        await builder.Attachments.AddAsync("data.bin", new MemoryStream([.. Enumerable.Range(0, 5_000).Select(i => (byte)i)]));
        letter.Body = builder.ToMessageBody();
        using var client = await _server.ImapAsync(user);
        var drafts = client.Special(SpecialFolder.Drafts);
        await drafts.OpenAsync(FolderAccess.ReadWrite);
        await drafts.AppendAsync(letter);
        var row = Assert.Single(await drafts.FetchAsync(0, -1, MessageSummaryItems.BodyStructure | MessageSummaryItems.Envelope | MessageSummaryItems.UniqueId));
        Assert.Equal("plain", ((MimeKit.TextPart)await drafts.GetBodyPartAsync(row.UniqueId, row.TextBody!)).Text.TrimEnd());
        Assert.Equal("<p>html</p>", ((MimeKit.TextPart)await drafts.GetBodyPartAsync(row.UniqueId, row.HtmlBody!)).Text.TrimEnd());
        var attachment = Assert.Single(row.Attachments);
        Assert.Equal("data.bin", attachment.FileName);
        using var bytes = new MemoryStream();
        await ((MimeKit.MimePart)await drafts.GetBodyPartAsync(row.UniqueId, attachment)).Content!.DecodeToAsync(bytes);
        Assert.Equal(5_000, bytes.Length);
    }

    private async Task<(MailKit.Net.Imap.ImapClient Client, IMailFolder Inbox)> WithLettersAsync(string user, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await _server.DeliverAsync(TestMail.Text(user, "letter " + i.ToString(CultureInfo.InvariantCulture)), user);
        }

        return await _server.InboxAsync(user);
    }
}
