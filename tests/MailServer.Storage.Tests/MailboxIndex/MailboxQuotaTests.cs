using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.Tests.MailboxIndex;

public sealed class MailboxQuotaTests : IDisposable
{
    private readonly TestMailbox _mailbox = new();

    [Fact]
    public void Staged_messages_count_before_the_commit()
    {
        var size = _mailbox.Spooled(TestMailbox.Text("a")).Size;
        _mailbox.Store.Quota = size * 3;
        Assert.Null(Stage());
        Assert.Null(Stage());
        Assert.Null(Stage());
        Assert.Equal(MailboxRefusal.OverQuota, Stage());
        Assert.Equal(3, _mailbox.Store.CommitStaged().Appended.Count);
        Assert.Equal(new QuotaUsage(size * 3, size * 3), _mailbox.Store.Use);
        Assert.Equal(MailboxRefusal.OverQuota, Stage());

        MailboxRefusal? Stage() => _mailbox.Store.Stage(FolderName.Inbox, MessageFlags.None, null, _mailbox.Spooled(TestMailbox.Text("a")));
    }

    [Fact]
    public void A_repeated_delivery_into_a_full_mailbox_is_acknowledged()
    {
        var message = _mailbox.Spooled(TestMailbox.Text("once"));
        Assert.Null(_mailbox.Store.Stage(FolderName.Inbox, MessageFlags.None, null, message));
        var first = _mailbox.Store.CommitStaged().Appended.Single();
        _mailbox.Store.Quota = 1;
        Assert.Null(_mailbox.Store.Stage(FolderName.Inbox, MessageFlags.None, null, message));
        Assert.Equal(first, _mailbox.Store.CommitStaged().Appended.Single());
    }

    [Fact]
    public void The_usage_covers_all_folders_and_survives_closing_and_the_loss_of_the_index()
    {
        _mailbox.Deliver(TestMailbox.Text("one"));
        _mailbox.Deliver(TestMailbox.Text("two", new string('x', 5_000) + "\r\n"), "Sent");
        _mailbox.Deliver(TestMailbox.Text("three"), "Archive");
        var used = _mailbox.Store.Use.Used;
        Assert.Equal(System.IO.Directory.GetFiles(_mailbox.Home, "*,S=*", SearchOption.AllDirectories).Sum(static f => new FileInfo(f).Length), used);
        _mailbox.Close();
        Assert.Equal(used, _mailbox.Store.Use.Used);
        _mailbox.LoseIndex();
        // Before and after a client has opened the folders.
        Assert.Equal(used, _mailbox.Store.Use.Used);
        foreach (var folder in new[] { "INBOX", "Sent", "Archive" }) _mailbox.Look(folder);
        Assert.Equal(used, _mailbox.Store.Use.Used);
        _mailbox.Store.DeleteFolder(TestMailbox.Name("Sent"));
        Assert.True(_mailbox.Store.Use.Used < used - 5_000);
    }

    [Fact]
    public void The_quota_applies_at_once_after_the_loss_of_the_index_also_to_files_of_other_tools()
    {
        _mailbox.Deliver(TestMailbox.Text("one"), "Archive");
        var used = _mailbox.Store.Use.Used;
        _mailbox.LoseIndex();
        File.WriteAllText(Path.Combine(_mailbox.Home, "Archive", "new", "1.foreign"), new string('x', 1_000));
        _mailbox.Close();
        Assert.Equal(used + 1_000, _mailbox.Store.Use.Used);
        _mailbox.Store.Quota = used + 1_000;
        Assert.Equal(MailboxRefusal.OverQuota, _mailbox.Store.Stage(FolderName.Inbox, MessageFlags.None, null, _mailbox.Spooled(TestMailbox.Text("two"))));
    }

    [Fact]
    public void A_full_mailbox_refuses_copies_and_allows_moves_and_removals()
    {
        _mailbox.Deliver(TestMailbox.Text("one"));
        _mailbox.Deliver(TestMailbox.Text("two"), flags: new MessageFlags(SystemFlags.Deleted));
        _mailbox.Store.Quota = _mailbox.Store.Use.Used;
        Assert.Equal(MailboxRefusal.OverQuota, _mailbox.Store.Copy(_mailbox.Inbox, [1], TestMailbox.Name("Archive"), move: false).Refusal);
        Assert.False(_mailbox.Store.Copy(_mailbox.Inbox, [1], TestMailbox.Name("Archive"), move: true).IsRefused);
        var marked = _mailbox.Store.Status(FolderName.Inbox, withDeletedSize: true).Value.DeletedSize;
        Assert.Equal(_mailbox.Fetch("INBOX", FetchItems.Size, 2).Single().Size, marked);
        _mailbox.Store.Expunge(_mailbox.Inbox, null);
        Assert.Equal(0, _mailbox.Store.Status(FolderName.Inbox, withDeletedSize: true).Value.DeletedSize);
        Assert.Equal(_mailbox.Store.Quota!.Value - marked, _mailbox.Store.Use.Used);
    }

    [Theory]
    [InlineData(79, 0)]
    [InlineData(80, 80)]
    [InlineData(94, 80)]
    [InlineData(95, 95)]
    [InlineData(300, 95)]
    public void Warnings_are_at_80_and_95_percent(long used, int mark)
    {
        Assert.Equal(mark, new QuotaUsage(used, 100).WarningLevel);
        Assert.Equal(0, new QuotaUsage(used, null).WarningLevel);
    }

    [Theory]
    [InlineData("5G", 5L << 30, "5G")]
    [InlineData(" 500 mb ", 500L << 20, "500M")]
    [InlineData("1.5K", 1536L, "1536")]
    [InlineData("1000", 1000L, "1000")]
    [InlineData("2048", 2048L, "2K")]
    [InlineData("1TB", 1L << 40, "1T")]
    public void Sizes_are_parsed_in_common_notations(string text, long octets, string shown)
    {
        Assert.True(QuotaSize.TryParse(text, out var read));
        Assert.Equal((octets, shown), (read, QuotaSize.Format(octets)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1G")]
    [InlineData("G")]
    [InlineData("B")]
    [InlineData("5X")]
    [InlineData("1,5G")]
    [InlineData("9999999T")]
    [InlineData("99999999999999999999999999999999999")]
    public void An_invalid_size_is_refused(string text) => Assert.False(QuotaSize.TryParse(text, out _));

    public void Dispose() => _mailbox.Dispose();
}
