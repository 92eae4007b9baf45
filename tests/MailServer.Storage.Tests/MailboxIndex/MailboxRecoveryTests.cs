using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Sqlite;
using static MailServer.Storage.Tests.TestMailbox;

namespace MailServer.Storage.Tests.MailboxIndex;

/// <summary>Effects of other tools, crashes and lost indexes on a mailbox.</summary>
public sealed class MailboxRecoveryTests : IDisposable
{
    private static readonly MessageFlags Seen = new(SystemFlags.Seen);
    private readonly TestMailbox _mailbox = new();

    public void Dispose() => _mailbox.Dispose();

    [Fact]
    public void A_lost_index_is_rebuilt_with_the_same_uids_flags_and_keywords()
    {
        for (var i = 0; i < 4; i++) _mailbox.Deliver(Text($"{i}"));
        _mailbox.Store.Store(_mailbox.Inbox, [2], FlagOperation.Add, new MessageFlags(SystemFlags.Answered, KeywordSet.Of("$Junk", "$Forwarded")));
        _mailbox.Store.Copy(_mailbox.Inbox, [1], FolderName.Inbox, move: true);
        var before = _mailbox.Look();
        var flags = _mailbox.Flags(2);
        _mailbox.LoseIndex();
        var after = _mailbox.Look();
        Assert.Equal((before.Id, before.UidValidity), (after.Id, after.UidValidity));
        Assert.Equal(before.Uids.Span, after.Uids.Span);
        Assert.Equal(flags, _mailbox.Flags(2));
        Assert.True(after.HighestModSeq >= before.HighestModSeq);
        Assert.Equal("(\"0\")"u8, _mailbox.Fetch("INBOX", FetchItems.Envelope, 5).Single().Envelope.Span);
        Assert.Equal(FolderRole.Trash, _mailbox.Store.Folders().All.Single(f => f.Name.Value == "Trash").Role);
    }

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(10)]
    public void A_rebuilt_index_has_the_same_internal_dates_whatever_way_the_messages_came(int memory)
    {
        var clock = new SteppingClock();
        using var mailbox = new TestMailbox(Limits.Default with { MessageMemory = memory }, received: clock);
        mailbox.Deliver(Text("delivered"));
        mailbox.Deliver(Text("with a date"), date: new DateTimeOffset(1999, 12, 31, 23, 59, 59, 900, TimeSpan.FromHours(2)));
        mailbox.Deliver(Text("before 1970"), date: new DateTimeOffset(1969, 12, 31, 23, 59, 58, 500, TimeSpan.Zero));
        var shared = mailbox.Spooled(Text("to two folders"));
        foreach (var folder in new[] { "INBOX", "Archive" }) Assert.Null(mailbox.Store.Stage(Name(folder), MessageFlags.None, null, shared));
        mailbox.Store.CommitStaged();
        var reopened = mailbox.Spooled(Text("after a restart"));
        Assert.Null(mailbox.Store.Stage(FolderName.Inbox, MessageFlags.None, null, mailbox.Spool.Reopen(reopened.Id, reopened.ReceivedAt)));
        mailbox.Store.CommitStaged();
        mailbox.Store.Copy(mailbox.Inbox, [1, 2], Name("Archive"), move: false);
        mailbox.Store.Copy(mailbox.Inbox, [3], Name("Archive"), move: true);
        var before = Dates();
        mailbox.LoseIndex();
        Assert.Equal(before, Dates());
        Assert.Equal(8, before.Count);

        List<string> Dates() => [.. new[] { "INBOX", "Archive" }.SelectMany(folder => mailbox.Fetch(folder, FetchItems.InternalDate).Select(row => $"{folder} {row.Uid.Value} {row.InternalDate.ToUnixTimeSeconds()}"))];
    }

    /// <summary>A clock of another year that moves by most of a second at each look.</summary>
    private sealed class SteppingClock : TimeProvider
    {
        private DateTimeOffset _now = new(2019, 5, 4, 3, 2, 1, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now += TimeSpan.FromMilliseconds(700);
    }

    [Fact]
    public void No_uid_or_mod_sequence_is_reused_when_the_index_is_lost()
    {
        _mailbox.Deliver(Text("1"));
        var highest = _mailbox.Deliver(Text("2"));
        _mailbox.Store.Store(_mailbox.Inbox, [highest.Value], FlagOperation.Add, new MessageFlags(SystemFlags.Deleted));
        var modSeq = _mailbox.Store.Expunge(_mailbox.Inbox, null).Value.HighestModSeq;
        _mailbox.LoseIndex();
        Assert.True(_mailbox.Deliver(Text("3")) > highest);
        Assert.True(_mailbox.Look().HighestModSeq > modSeq);
    }

    [Fact]
    public void A_damaged_index_is_moved_aside()
    {
        _mailbox.Deliver(Text("1"));
        _mailbox.Close();
        File.WriteAllText(Path.Combine(_mailbox.Home, "index.db"), new string('x', 10_000));
        Assert.Equal([1u], _mailbox.Uids());
        Assert.Single(System.IO.Directory.GetFiles(_mailbox.Home, "index.db.damaged-*"));
    }

    [Fact]
    public void An_index_of_a_newer_server_is_refused()
    {
        _mailbox.Deliver(Text("1"));
        _mailbox.Close();
        using (var database = SqliteDatabase.Open(Path.Combine(_mailbox.Home, "index.db"))) database.Execute("PRAGMA user_version = 99");
        Assert.Contains("newer", Assert.Throws<InvalidDataException>(() => _mailbox.Store).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_open_mailbox_cannot_be_opened_again()
    {
        _mailbox.Deliver(Text("1"));
        Assert.Throws<StoreInUseException>(() => _mailbox.OpenAt(_mailbox.Home));
    }

    [Fact]
    public void Files_added_by_other_tools_become_messages()
    {
        _mailbox.Deliver(Text("mine"));
        _mailbox.Look();
        Drop("INBOX/new/1700000002.x.host", Text("new"));
        Drop("INBOX/cur/1700000001.y.host,S=9,W=9:2,FS", Text("cur"));
        var change = _mailbox.Store.ScanFolder(_mailbox.Inbox)!;
        Assert.Equal([1u, 2, 3], change.Uids.Span.ToArray());
        Assert.Equal(new Uid(2), change.Recent);
        Assert.Equal(SystemFlags.Flagged | SystemFlags.Seen, _mailbox.Flags(2).System);
        Assert.Equal(Text("new"), _mailbox.Body(3));
        Assert.Empty(_mailbox.Files("INBOX", "new"));
        Assert.Equal("(\"new\")"u8, _mailbox.Fetch("INBOX", FetchItems.Envelope, 3).Single().Envelope.Span);
        Assert.Null(_mailbox.Store.ScanFolder(_mailbox.Inbox));
        _mailbox.LoseIndex();
        Assert.Equal([1u, 2, 3], _mailbox.Uids());
    }

    [Fact]
    public void An_added_file_with_bare_line_feeds_is_stored_with_CRLF()
    {
        Drop("INBOX/new/1.lf", "Subject: x\n\nbody\r\nend\n");
        Assert.Equal([1u], _mailbox.Uids());
        Assert.Equal("Subject: x\r\n\r\nbody\r\nend\r\n", _mailbox.Body(1));
        Assert.Empty(_mailbox.Files("INBOX", "tmp"));
    }

    [Fact]
    public void A_file_copied_from_another_folder_gets_its_own_uid()
    {
        _mailbox.Deliver(Text("a"));
        _mailbox.Deliver(Text("b"), "Sent");
        _mailbox.Look();
        var name = _mailbox.Files("Sent").Single();
        File.Copy(Path.Combine(_mailbox.Directory("Sent"), name), Path.Combine(_mailbox.Directory("INBOX"), name));
        Assert.Equal([1u, 2], _mailbox.Uids());
        Assert.Equal(Text("b"), _mailbox.Body(2));
    }

    [Fact]
    public void Flag_changes_and_removals_by_other_tools_are_noticed()
    {
        for (var i = 0; i < 3; i++) _mailbox.Deliver(Text($"{i}"), flags: new MessageFlags(SystemFlags.None, KeywordSet.Of("k")));
        _mailbox.Look();
        var files = _mailbox.Files().Select(f => Path.Combine(_mailbox.Directory("INBOX"), f)).ToArray();
        File.Move(files[0], files[0] + "S");
        File.Delete(files[2]);
        var change = _mailbox.Store.ScanFolder(_mailbox.Inbox)!;
        Assert.Equal([1u, 2], change.Uids.Span.ToArray());
        Assert.Equal(Seen, new MessageFlags(Assert.Single(change.FlagsChanged).Flags.System));
        Assert.Equal(2, _mailbox.Store.Status(FolderName.Inbox).Value.Messages);
        Assert.Equal(1, _mailbox.Store.Status(FolderName.Inbox).Value.Unseen);
    }

    [Fact]
    public void A_file_renamed_by_another_tool_is_still_read_and_renamed_back()
    {
        _mailbox.Deliver(Text("a"));
        _mailbox.Store.Store(_mailbox.Inbox, [1], FlagOperation.Add, new MessageFlags(SystemFlags.Flagged));
        var file = Path.Combine(_mailbox.Directory("INBOX"), _mailbox.Files().Single());
        File.Move(file, file + "S");
        Assert.Equal(Text("a"), _mailbox.Body(1));
        _mailbox.Store.Flush();
        Assert.EndsWith(":2,F", _mailbox.Files().Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_expunged_at_the_next_scan()
    {
        _mailbox.Deliver(Text("a"));
        _mailbox.Look();
        File.Delete(Path.Combine(_mailbox.Directory("INBOX"), _mailbox.Files().Single()));
        Assert.Empty(_mailbox.Store.Fetch(new MailboxRequest.Fetch(_mailbox.Inbox, new uint[] { 1 }, FetchItems.Content, MarkSeen: false)).Value.Rows);
        Assert.Empty(_mailbox.Uids());
    }

    [Fact]
    public void One_unreadable_file_does_not_make_the_folder_unavailable()
    {
        _mailbox.Deliver(Text("a"));
        var bad = Path.Combine(_mailbox.Directory("INBOX", "new"), "bad");
        File.CreateSymbolicLink(bad, "/nonexistent/file");
        Assert.Equal([1u], _mailbox.Uids());
        Assert.NotEmpty(_mailbox.Store.Problems);
    }

    [Fact]
    public void A_killed_process_loses_nothing_and_file_names_are_updated_later()
    {
        for (var i = 0; i < 3; i++) _mailbox.Deliver(Text($"{i}"));
        _mailbox.Store.Store(_mailbox.Inbox, [2], FlagOperation.Add, Seen);
        _mailbox.Store.Store(_mailbox.Inbox, [3], FlagOperation.Add, new MessageFlags(SystemFlags.Deleted));
        using var after = _mailbox.OpenAt(_mailbox.Snapshot());
        var folder = after.Select(FolderName.Inbox, readOnly: true).Value.Folder;
        Assert.Equal([1u, 2, 3], folder.Uids.Span.ToArray());
        var rows = after.Fetch(new MailboxRequest.Fetch(folder.Id, folder.Uids.Memory, FetchItems.Flags, false)).Value.Rows;
        Assert.Equal([SystemFlags.None, SystemFlags.Seen, SystemFlags.Deleted], rows.Select(r => r.Flags.System));
        after.Flush();
        Assert.Equal(2u, after.Expunge(folder.Id, null).Value.Uids.Last);
        Assert.Equal(1, after.Status(FolderName.Inbox).Value.Unseen);
    }

    [Fact]
    public void After_a_crash_a_burst_can_be_redelivered_to_several_folders_at_once()
    {
        _mailbox.Deliver(Text("1"));
        _mailbox.Deliver(Text("2"), "Sent");
        using var after = _mailbox.OpenAt(_mailbox.Snapshot());
        foreach (var folder in new[] { "INBOX", "Sent", "INBOX" }) Assert.Null(after.Stage(Name(folder), MessageFlags.None, null, _mailbox.Spooled(Text("more"))));
        Assert.Equal(3, after.CommitStaged().Appended.Count);
        Assert.Equal([3, 2], new[] { "INBOX", "Sent" }.Select(f => after.Status(Name(f)).Value.Messages));
    }

    [Fact]
    public void The_record_of_expunged_messages_is_limited()
    {
        using var small = new TestMailbox(Limits.Default with { ExpungedHistory = 2 });
        for (var i = 0; i < 5; i++)
        {
            small.Deliver(Text($"{i}"), flags: new MessageFlags(SystemFlags.Deleted));
            small.Store.Expunge(small.Inbox, null);
        }

        small.Close();
        using var database = SqliteDatabase.Open(Path.Combine(small.Home, "index.db"));
        Assert.Equal(2, database.Scalar("SELECT count(*) FROM expunged"));
    }

    [Fact]
    public void A_power_cut_that_loses_the_last_index_changes_keeps_messages_under_their_uids()
    {
        _mailbox.Deliver(Text("old"));
        _mailbox.Close();
        var saved = File.ReadAllBytes(Path.Combine(_mailbox.Home, "index.db"));
        _mailbox.Deliver(Text("new"));
        var marked = _mailbox.Snapshot();
        // The in-use marker of the index was synced; later writes were not.
        File.WriteAllBytes(Path.Combine(marked, "index.db"), saved);
        foreach (var log in System.IO.Directory.GetFiles(marked, "index.db-*")) File.Delete(log);
        using (var database = SqliteDatabase.Open(Path.Combine(marked, "index.db"))) database.Execute("UPDATE state SET value = 0");
        using var after = _mailbox.OpenAt(marked);
        var folder = after.Select(FolderName.Inbox, readOnly: true).Value.Folder;
        Assert.Equal([1u, 2], folder.Uids.Span.ToArray());
        Assert.True(folder.UidNext > 3);
    }

    [Fact]
    public void A_crash_at_any_step_of_any_change_leaves_every_message_in_exactly_one_expected_place()
    {
        var snapshots = new List<(string Point, string Home)>();
        for (var i = 0; i < 3; i++) _mailbox.Deliver(Text($"{i}"));
        _mailbox.Store.CreateFolder(Name("Old/x"), FolderRole.None);
        _mailbox.Deliver(Text("in folder"), "Old/x");
        _mailbox.Passing = point => snapshots.Add((point, _mailbox.Snapshot()));
        _mailbox.Deliver(Text("3"));
        _mailbox.Store.Copy(_mailbox.Inbox, [1], Name("Archive"), move: true);
        _mailbox.Store.Store(_mailbox.Inbox, [2], FlagOperation.Add, new MessageFlags(SystemFlags.Deleted));
        _mailbox.Store.Expunge(_mailbox.Inbox, null);
        _mailbox.Store.RenameFolder(Name("Old"), Name("New"));
        _mailbox.Store.DeleteFolder(Name("New"));
        _mailbox.Passing = null;

        Assert.Equal(9, snapshots.Count);
        foreach (var (point, home) in snapshots) CheckAfterCrash(point, home);
    }

    private void CheckAfterCrash(string point, string home)
    {
        for (var round = 0; round < 2; round++)
        {
            using var store = _mailbox.OpenAt(home);
            var inbox = store.Select(FolderName.Inbox, readOnly: true).Value.Folder.Uids.Span.ToArray();
            var archive = store.Select(Name("Archive"), readOnly: true).Value.Folder.Uids;
            Assert.Contains(3u, inbox);
            Assert.True(inbox.Contains(1u) || archive.Count == 1, $"{point}: the moved message is nowhere");
            if (point is "copy: committed") Assert.DoesNotContain(1u, inbox);
            if (point is "expunge: committed") Assert.DoesNotContain(2u, inbox);
            if (point.StartsWith("delivery", StringComparison.Ordinal)) Assert.Contains(4u, inbox);
            var kept = store.Folders().All.Where(f => f.Name.Value is "Old/x" or "New/x").ToList();
            var folder = Assert.Single(kept);
            Assert.Equal(1, store.Status(folder.Name).Value.Messages);
            if (point is "delete: marked") Assert.DoesNotContain(store.Folders().All, f => f.Name.Value == "New");
        }
    }

    private void Drop(string path, string text)
    {
        _ = _mailbox.Store;
        File.WriteAllText(Path.Combine(_mailbox.Home, path), text);
    }
}
