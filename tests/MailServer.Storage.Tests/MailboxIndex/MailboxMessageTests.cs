using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using static MailServer.Storage.Tests.TestMailbox;

namespace MailServer.Storage.Tests.MailboxIndex;

public sealed class MailboxMessageTests : IDisposable
{
    private static readonly MessageFlags Seen = new(SystemFlags.Seen);
    private static readonly MessageFlags Deleted = new(SystemFlags.Deleted);

    private readonly TestMailbox _mailbox = new();

    public void Dispose() => _mailbox.Dispose();

    [Fact]
    public void A_delivered_message_is_in_cur_with_its_uid_and_is_fetched_unchanged()
    {
        var uid = _mailbox.Deliver(Text("Hi"));
        var row = _mailbox.Fetch("INBOX", FetchItems.Envelope | FetchItems.BodyStructure | FetchItems.Headers | FetchItems.Parts).Single();
        Assert.Equal(uid, row.Uid);
        Assert.Equal("(\"Hi\")"u8, row.Envelope.Span);
        Assert.Equal("(\"TEXT\" 8)"u8, row.BodyStructure.Span);
        Assert.Equal("Subject: Hi\r\n\r\n"u8, row.Headers.Span);
        Assert.Equal(4, row.Parts.Length);
        Assert.Equal(Text("Hi").Length, row.Size);
        Assert.Equal(Text("Hi"), _mailbox.Body(uid.Value));
        Assert.EndsWith($",S={row.Size},U={uid.Value}:2,", _mailbox.Files().Single(), StringComparison.Ordinal);
        Assert.Empty(_mailbox.Spool.List());
    }

    [Fact]
    public void Delivering_the_same_spool_id_twice_delivers_once()
    {
        var message = _mailbox.Spooled(Text("once"));
        _mailbox.Store.Stage(FolderName.Inbox, MessageFlags.None, null, message);
        _mailbox.Store.Stage(FolderName.Inbox, MessageFlags.None, null, message);
        var first = _mailbox.Store.CommitStaged().Appended;
        _mailbox.Close();
        _mailbox.Store.Stage(FolderName.Inbox, MessageFlags.None, null, message);
        var again = _mailbox.Store.CommitStaged().Appended.Single();
        Assert.All(first, a => Assert.Equal(again, a));
        Assert.Single(_mailbox.Files());
    }

    [Fact]
    public void A_burst_is_committed_together_and_announced_per_folder()
    {
        _mailbox.Look();
        _mailbox.Look("Sent");
        for (var i = 0; i < 5; i++) Assert.Null(_mailbox.Store.Stage(Name(i % 2 == 0 ? "INBOX" : "Sent"), MessageFlags.None, null, _mailbox.Spooled(Text($"{i}"))));
        Assert.Equal(MailboxRefusal.NoSuchTarget, _mailbox.Store.Stage(Name("Nope"), MessageFlags.None, null, _mailbox.Spooled(Text("x"))));
        Assert.Throws<InvalidOperationException>(() => _mailbox.Look());
        var outcome = _mailbox.Store.CommitStaged();
        Assert.Equal([1u, 1, 2, 2, 3], outcome.Appended.Select(a => a.Uid.Value));
        Assert.Equal([3, 2], outcome.Changes.Select(c => c.Uids.Count));
        Assert.All(outcome.Changes, c => Assert.Equal(new Uid(1), c.Recent));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_new_keyword_within_a_burst_for_a_closed_folder_duplicates_nothing(bool fails)
    {
        var work = new MessageFlags(SystemFlags.None, KeywordSet.Of(["work"]));
        _mailbox.Store.Stage(FolderName.Inbox, MessageFlags.None, null, _mailbox.Spooled(Text("first")));
        _mailbox.Store.Stage(FolderName.Inbox, work, null, _mailbox.Spooled(Text("second")));
        if (fails)
        {
            var bad = _mailbox.Spooled(Text("bad"));
            _mailbox.Spool.Remove(bad.Id);
            Assert.Throws<FileNotFoundException>(() => _mailbox.Store.Stage(FolderName.Inbox, work, null, bad));
            Assert.Empty(_mailbox.Uids());
            return;
        }

        Assert.Equal([1u, 2], _mailbox.Store.CommitStaged().Appended.Select(a => a.Uid.Value));
        Assert.Equal(2, _mailbox.Uids().Length);
    }

    [Fact]
    public void A_message_that_cannot_be_linked_rolls_back_the_whole_burst()
    {
        var good = _mailbox.Spooled(Text("good"));
        var bad = _mailbox.Spooled(Text("bad"));
        _mailbox.Spool.Remove(bad.Id);
        _mailbox.Store.Stage(FolderName.Inbox, MessageFlags.None, null, good);
        Assert.Throws<FileNotFoundException>(() => _mailbox.Store.Stage(FolderName.Inbox, MessageFlags.None, null, bad));
        Assert.Empty(_mailbox.Uids());
        Assert.Empty(_mailbox.Files());
        Assert.True(_mailbox.Deliver(Text("next")).Value > 1);
    }

    [Fact]
    public void Two_accounts_share_one_file()
    {
        using var other = _mailbox.OpenAt(Path.Combine(_mailbox.Root, "user_8"));
        var message = _mailbox.Spooled(Text("shared"));
        foreach (var store in new[] { _mailbox.Store, other })
        {
            store.Stage(FolderName.Inbox, MessageFlags.None, null, message);
            store.CommitStaged();
        }

        _mailbox.Spool.Remove(message.Id);
        var mine = Path.Combine(_mailbox.Directory("INBOX"), _mailbox.Files().Single());
        var theirs = System.IO.Directory.GetFiles(Path.Combine(_mailbox.Root, "user_8", "INBOX", "cur")).Single();
        File.AppendAllText(mine, "x");
        Assert.Equal(File.ReadAllText(mine), File.ReadAllText(theirs));
    }

    [Fact]
    public void Internal_date_and_flags_of_an_append_are_kept_even_without_the_index()
    {
        var date = new DateTimeOffset(2020, 2, 29, 23, 59, 58, TimeSpan.FromHours(-3));
        var flags = new MessageFlags(SystemFlags.Draft | SystemFlags.Seen, KeywordSet.Of("$Forwarded", "work"));
        var uid = _mailbox.Deliver(Text("draft"), "Drafts", flags, date);
        Assert.Equal(date, _mailbox.Fetch("Drafts").Single().InternalDate);
        Assert.Equal(date.Offset, _mailbox.Fetch("Drafts").Single().InternalDate.Offset);
        Assert.EndsWith(":2,DPSa", _mailbox.Files("Drafts").Single(), StringComparison.Ordinal);
        _mailbox.LoseIndex();
        var row = _mailbox.Fetch("Drafts").Single();
        Assert.Equal((uid, flags, date.ToUniversalTime()), (row.Uid, row.Flags, row.InternalDate.ToUniversalTime()));
    }

    [Fact]
    public void Store_adds_removes_and_replaces_flags_and_returns_every_message()
    {
        for (var i = 0; i < 3; i++) _mailbox.Deliver(Text($"{i}"));
        var before = _mailbox.Look().HighestModSeq;
        var added = _mailbox.Store.Store(_mailbox.Inbox, [1, 2, 99], FlagOperation.Add, new MessageFlags(SystemFlags.Flagged, KeywordSet.Of("a"))).Value;
        Assert.Equal([1u, 2], added.FlagsChanged.Select(f => f.Uid.Value));
        Assert.True(added.HighestModSeq > before);
        Assert.All(added.FlagsChanged, f => Assert.Equal(added.HighestModSeq, f.ModSeq));
        var same = _mailbox.Store.Store(_mailbox.Inbox, [1], FlagOperation.Add, new MessageFlags(SystemFlags.Flagged)).Value;
        Assert.Equal(added.HighestModSeq, same.HighestModSeq);
        Assert.Single(same.FlagsChanged);
        _mailbox.Store.Store(_mailbox.Inbox, [1], FlagOperation.Remove, new MessageFlags(SystemFlags.Flagged, KeywordSet.Of("A")));
        Assert.Equal(MessageFlags.None, _mailbox.Flags(1));
        _mailbox.Store.Store(_mailbox.Inbox, [2], FlagOperation.Replace, Seen);
        Assert.Equal(Seen, _mailbox.Flags(2));
        Assert.True(_mailbox.Look().Keywords.Contains("a"));
        Assert.Equal(MailboxRefusal.NoSuchFolder, _mailbox.Store.Store(new FolderId(999), [1], FlagOperation.Add, Seen).Refusal);
    }

    [Fact]
    public void File_names_follow_flags_in_batches()
    {
        for (var i = 0; i < 5; i++) _mailbox.Deliver(Text($"{i}"));
        _mailbox.Store.Store(_mailbox.Inbox, _mailbox.Uids(), FlagOperation.Add, Seen);
        Assert.DoesNotContain(_mailbox.Files(), f => f.EndsWith(":2,S", StringComparison.Ordinal));
        Assert.True(_mailbox.Store.Flush(3).More);
        Assert.Equal(3, _mailbox.Files().Count(f => f.EndsWith(":2,S", StringComparison.Ordinal)));
        Assert.Equal(Text("4"), _mailbox.Body(5));
        Assert.False(_mailbox.Store.Flush(3).More);
        Assert.All(_mailbox.Files(), f => Assert.EndsWith(":2,S", f, StringComparison.Ordinal));
        Assert.Null(_mailbox.Store.ScanFolder(_mailbox.Inbox));
    }

    [Fact]
    public void Fetch_can_set_Seen_and_reports_it()
    {
        _mailbox.Deliver(Text("1"), flags: Seen);
        _mailbox.Deliver(Text("2"));
        var outcome = _mailbox.Store.Fetch(new MailboxRequest.Fetch(_mailbox.Inbox, new uint[] { 1, 2, 3 }, FetchItems.Flags, MarkSeen: true)).Value;
        Assert.Equal([false, true], outcome.Rows.Select(r => r.FlagsChanged));
        Assert.All(outcome.Rows, r => Assert.Equal(Seen, r.Flags));
        Assert.Equal([2u], outcome.Change!.FlagsChanged.Select(f => f.Uid.Value));
        Assert.Equal(0, _mailbox.Store.Status(FolderName.Inbox).Value.Unseen);
    }

    [Fact]
    public void Status_counts_without_loading_and_select_claims_recent_messages()
    {
        _mailbox.Deliver(Text("1"), flags: Seen);
        _mailbox.Deliver(Text("22"), flags: Deleted);
        _mailbox.Close();
        var status = _mailbox.Store.Status(FolderName.Inbox).Value;
        Assert.Equal((2, 2, 1, 1, 3u), (status.Messages, status.Recent, status.Unseen, status.Deleted, status.UidNext));
        Assert.Equal(Text("1").Length + Text("22").Length, status.Size);
        Assert.Equal(new Uid(1), _mailbox.Look().FirstRecent);
        var selected = _mailbox.Store.Select(FolderName.Inbox, readOnly: false).Value.Folder;
        Assert.Equal((new Uid(1), new Uid(2)), (selected.FirstRecent!.Value, selected.FirstUnseen!.Value));
        _mailbox.Close();
        Assert.Null(_mailbox.Look().FirstRecent);
        Assert.Equal(0, _mailbox.Store.Status(FolderName.Inbox).Value.Recent);
        Assert.Equal(MailboxRefusal.NoSuchFolder, _mailbox.Store.Status(Name("Nope")).Refusal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Copy_and_move_assign_new_uids_and_keep_everything_else(bool move)
    {
        var date = new DateTimeOffset(2021, 1, 1, 1, 1, 1, TimeSpan.FromHours(2));
        for (var i = 0; i < 3; i++) _mailbox.Deliver(Text($"{i}"), flags: new MessageFlags(SystemFlags.Flagged, KeywordSet.Of("k")), date: date);
        _mailbox.Deliver(Text("there"), "Archive");
        _mailbox.Look("Archive");
        var outcome = _mailbox.Store.Copy(_mailbox.Inbox, [1, 3, 9], Name("Archive"), move).Value;
        Assert.Equal([1u, 3], outcome.Reply.Sources.Select(u => u.Value));
        Assert.Equal([2u, 3], outcome.Reply.Targets.Select(u => u.Value));
        Assert.Equal(3, outcome.TargetChange!.Uids.Count);
        Assert.Equal(move, outcome.Reply.Moved is not null);
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(move ? [2u] : [1, 2, 3], _mailbox.Uids());
            var rows = _mailbox.Fetch("Archive", FetchItems.Envelope, 2, 3);
            Assert.All(rows, r => Assert.Equal((date, "k"), (r.InternalDate, r.Flags.Keywords.ToString())));
            Assert.Equal("(\"2\")"u8, rows[1].Envelope.Span);
            Assert.Equal(Text("2"), _mailbox.Body(3, "Archive"));
            Assert.Equal(move ? 1 : 3, _mailbox.Files().Length);
            _mailbox.Close();
        }

        Assert.Equal(MailboxRefusal.NoSuchTarget, _mailbox.Store.Copy(_mailbox.Inbox, [2], Name("Nope"), move).Refusal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_message_may_be_copied_or_moved_into_its_own_folder(bool move)
    {
        _mailbox.Deliver(Text("a"));
        _mailbox.Deliver(Text("b"));
        _mailbox.Store.Copy(_mailbox.Inbox, [1, 2], FolderName.Inbox, move);
        uint[] expected = move ? [3, 4] : [1, 2, 3, 4];
        Assert.Equal(expected, _mailbox.Uids());
        Assert.Equal(expected.Length, _mailbox.Store.Status(FolderName.Inbox).Value.Messages);
        _mailbox.LoseIndex();
        Assert.Equal(expected, _mailbox.Uids());
    }

    [Fact]
    public void Expunge_removes_deleted_messages_within_the_set_and_open_contents_stay_readable()
    {
        for (var i = 0; i < 4; i++) _mailbox.Deliver(Text($"{i}"), flags: i == 1 ? MessageFlags.None : Deleted);
        using var open = _mailbox.Fetch("INBOX", FetchItems.Content, 1).Single().Content!;
        var change = _mailbox.Store.Expunge(_mailbox.Inbox, UidSet.Of((1u, 3u))).Value;
        Assert.Equal([2u, 4], change.Uids.Span.ToArray());
        Assert.Equal(Text("0").Length, open.ReadRange(0, 1_000).Length);
        Assert.Equal(2, _mailbox.Files().Length);
        Assert.Equal([2u], _mailbox.Store.Expunge(_mailbox.Inbox, null).Value.Uids.Span.ToArray());
        var status = _mailbox.Store.Status(FolderName.Inbox).Value;
        Assert.Equal((1, 0, 5u), (status.Messages, status.Deleted, status.UidNext));
    }

    [Fact]
    public void Too_many_keywords_are_refused()
    {
        using var small = new TestMailbox(Limits.Default with { FolderKeywords = 2 });
        small.Deliver(Text("x"), flags: new MessageFlags(SystemFlags.None, KeywordSet.Of("a", "b")));
        var more = new MessageFlags(SystemFlags.None, KeywordSet.Of("c"));
        Assert.Equal(MailboxRefusal.LimitReached, small.Store.Store(small.Inbox, [1], FlagOperation.Add, more).Refusal);
        Assert.Equal(MailboxRefusal.LimitReached, small.Store.Stage(FolderName.Inbox, more, null, small.Spooled(Text("y"))));
        Assert.False(small.Store.Store(small.Inbox, [1], FlagOperation.Remove, more).IsRefused);
    }

    [Fact]
    public void Memory_of_folders_can_be_released()
    {
        _mailbox.Deliver(Text("x"));
        _mailbox.Store.Store(_mailbox.Inbox, _mailbox.Uids(), FlagOperation.Add, Seen);
        _mailbox.Store.UnloadFolders();
        Assert.Empty(_mailbox.Spool.List());
        _mailbox.Deliver(Text("y"));
        Assert.Equal([1u, 2], _mailbox.Uids());
        Assert.Equal(Seen, _mailbox.Flags(1));
    }
}
