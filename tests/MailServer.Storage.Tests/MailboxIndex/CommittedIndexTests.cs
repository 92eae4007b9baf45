using System.Globalization;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;
using MailServer.Storage.MailboxIndex;
using MailServer.Storage.Sqlite;
using static MailServer.Storage.Tests.TestMailbox;

namespace MailServer.Storage.Tests.MailboxIndex;

/// <summary>
/// After every change the index on disk is what the mailbox answers, counts are those of the messages, file names are the ones that the index expects, and
/// removals are recorded. The scan after a crash would repair most of it, so that a change which is not written would stay unnoticed.
/// </summary>
public sealed class CommittedIndexTests : IDisposable
{
    private static readonly MailboxGuest Bob = new(new AccountId(2), EmailAddress.Parse("bob@example.org"));

    private static readonly Dictionary<string, Action<TestMailbox>> Changes = new()
    {
        ["STORE"] = m => m.Store.Store(m.Inbox, [1, 3], FlagOperation.Add, Flags(SystemFlags.Seen)),
        ["STORE that is taken back"] = m =>
        {
            m.Store.Store(m.Inbox, [1], FlagOperation.Add, Flags(SystemFlags.Flagged));
            m.Store.Store(m.Inbox, [1], FlagOperation.Remove, Flags(SystemFlags.Flagged));
        },
        ["STORE of a keyword"] = m => m.Store.Store(m.Inbox, [2], FlagOperation.Replace, Flags(SystemFlags.Answered, "later")),
        ["STORE of unchanged messages"] = m => m.Store.StoreUnchanged(m.Inbox, [1, 2], FlagOperation.Add, Flags(SystemFlags.Seen), new ModSeq(long.MaxValue)),
        ["STORE by a guest"] = m => m.Store.As(Bob).Store(m.Inbox, [2], FlagOperation.Add, Flags(SystemFlags.Flagged | SystemFlags.Seen, "team")),
        ["FETCH that sets \\Seen"] = m => m.Store.Fetch(new MailboxRequest.Fetch(m.Inbox, new uint[] { 1, 2 }, FetchItems.Flags, MarkSeen: true)),
        ["EXPUNGE"] = m => m.Store.Expunge(m.Inbox, null),
        ["EXPUNGE of some"] = m => m.Store.Expunge(m.Inbox, UidSet.Of((5u, 5u))),
        ["EXPUNGE of changed messages"] = m =>
        {
            m.Store.Store(m.Inbox, [1, 2], FlagOperation.Add, Flags(SystemFlags.Deleted));
            m.Store.Expunge(m.Inbox, null);
        },
        ["removal"] = m => m.Store.Remove(m.Inbox, UidSet.Of((1u, 3u))),
        ["COPY"] = m => m.Store.Copy(m.Inbox, [1, 4], Name("Sent"), move: false),
        ["MOVE"] = m => m.Store.Copy(m.Inbox, [1, 4], Name("Sent"), move: true),
        ["APPEND"] = m => m.Deliver(Text("new"), flags: Flags(SystemFlags.Draft, "later"), date: DateTimeOffset.UnixEpoch),
        ["delivery"] = m => m.Deliver(Text("new")),
        ["flags in file names"] = m =>
        {
            Rename(m, 1, "FS");
            Rename(m, 2, "T");
            m.Store.ScanFolder(m.Inbox);
        },
        ["missing files"] = m =>
        {
            foreach (var uid in new uint[] { 2, 3, 5 }) File.Delete(FileOf(m, uid));
            m.Store.ScanFolder(m.Inbox);
        },
        ["files of another tool"] = m =>
        {
            foreach (var name in new[] { "1.a", "2.b" }) File.WriteAllText(Path.Combine(m.Directory("INBOX", "new"), name), Text(name));
            m.Store.ScanFolder(m.Inbox);
        },
    };

    private readonly TestMailbox _mailbox = new();

    public CommittedIndexTests()
    {
        for (var i = 1; i <= 3; i++) _mailbox.Deliver(Text($"{i}"));
        for (var i = 4; i <= 5; i++) _mailbox.Deliver(Text($"{i}"), flags: Flags(SystemFlags.Deleted, "old"));
        _mailbox.Deliver(Text("sent"), "Sent", Flags(SystemFlags.Seen));
        _mailbox.Store.Flush();
        Assert.True(FolderRightsText.TryParse("lrsw", out var rights));
        Assert.False(_mailbox.Store.Grants.Set(FolderName.Inbox, Bob, FlagOperation.Replace, rights).IsRefused);
    }

    public static TheoryData<string> Names => new(Changes.Keys);

    public void Dispose() => _mailbox.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void A_change_is_in_the_index_before_it_is_answered(string change)
    {
        var before = _mailbox.Look();
        Changes[change](_mailbox);
        AssertCommitted(_mailbox.Store, _mailbox.Snapshot(), before);
        _mailbox.Store.Flush();
        AssertCommitted(_mailbox.Store, _mailbox.Snapshot(), before);
        Assert.Empty(_mailbox.Store.Problems);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_the_scan_after_a_crash_finds_is_in_the_index(string change)
    {
        Changes[change](_mailbox);
        AssertReconciled(_mailbox.Snapshot());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void So_is_what_it_finds_when_the_index_lost_the_change(string change)
    {
        var before = _mailbox.Snapshot();
        Changes[change](_mailbox);
        _mailbox.Store.Flush();
        var after = _mailbox.Snapshot();
        foreach (var file in System.IO.Directory.GetFiles(after, "index.db*")) File.Delete(file);
        foreach (var file in System.IO.Directory.GetFiles(before, "index.db*")) File.Copy(file, Path.Combine(after, Path.GetFileName(file)));
        AssertReconciled(after);
    }

    [Fact]
    public void A_scan_announces_missing_files_and_only_differences()
    {
        var before = _mailbox.Look();
        File.Delete(FileOf(_mailbox, 2));
        var change = _mailbox.Store.ScanFolder(_mailbox.Inbox);
        Assert.NotNull(change);
        Assert.Equal([1u, 3, 4, 5], change.Uids.Span.ToArray());
        Assert.True(change.HighestModSeq > before.HighestModSeq);
        System.IO.Directory.SetLastWriteTimeUtc(_mailbox.Directory("INBOX"), DateTime.UtcNow.AddMinutes(1));
        Assert.Null(_mailbox.Store.ScanFolder(_mailbox.Inbox));
        Assert.Equal(change.HighestModSeq, _mailbox.Look().HighestModSeq);
    }

    [Fact]
    public void Removals_that_were_forgotten_while_the_mailbox_was_open_are_not_claimed_after_a_crash()
    {
        using var small = new TestMailbox(Limits.Default with { ExpungedHistory = 2 });
        var since = small.Look().HighestModSeq;
        for (var i = 1u; i <= 6; i++)
        {
            small.Deliver(Text($"{i}"));
            small.Store.Remove(small.Inbox, UidSet.Of((i, i)));
            using var index = SqliteDatabase.Open(Path.Combine(small.Snapshot(), "index.db"));
            Assert.InRange(index.Scalar("SELECT count(*) FROM expunged"), 1, i == 6 ? 2 : 4);
        }

        using var after = small.OpenAt(small.Snapshot());
        var folder = after.Select(FolderName.Inbox, readOnly: true).Value.Folder;
        var vanished = after.ListChanges(folder.Id, since, UidSet.Of((1u, 6u))).Value.Vanished;
        Assert.All(Enumerable.Range(1, 6), uid => Assert.True(vanished.Contains((uint)uid)));
    }

    [Fact]
    public void A_keyword_that_a_guest_sets_survives_a_lost_index()
    {
        _mailbox.Store.As(Bob).Store(_mailbox.Inbox, [2], FlagOperation.Add, Flags(SystemFlags.Flagged, "team"));
        _mailbox.LoseIndex();
        Assert.Equal(Flags(SystemFlags.Flagged, "team"), _mailbox.Flags(2));
    }

    [Fact]
    public void Numbers_of_many_files_are_reserved_before_they_are_used()
    {
        for (var i = 0; i < 1_100; i++) File.WriteAllText(Path.Combine(_mailbox.Directory("INBOX", "new"), $"{i}.x"), Text("x"));
        var last = _mailbox.Uids()[^1];
        Assert.True(FolderState.Load(Path.Combine(_mailbox.Home, "INBOX"))!.UidNext > last);
        Assert.Equal(1_105u, last);
    }

    [Theory]
    [InlineData(6u)]
    [InlineData(900u)]
    public void A_file_with_a_number_that_was_not_given_yet_keeps_it_only_after_a_crash(uint number)
    {
        var name = MessageFileName.Format("foreign", Text("x").Length, number, "");
        File.WriteAllText(Path.Combine(_mailbox.Directory("INBOX"), name), Text("x"));
        var crashed = _mailbox.Snapshot();
        using (var database = SqliteDatabase.Open(Path.Combine(crashed, "index.db"))) database.Execute("UPDATE state SET value = 0 WHERE name = 'clean'");
        _mailbox.Store.ScanFolder(_mailbox.Inbox);
        Assert.Equal([1u, 2, 3, 4, 5, 6], _mailbox.Uids());
        using var after = _mailbox.OpenAt(crashed);
        Assert.Equal([1u, 2, 3, 4, 5, number], after.Select(FolderName.Inbox, readOnly: true).Value.Folder.Uids.Span.ToArray());
    }

    [Fact]
    public void A_file_with_a_number_beyond_the_reserved_ones_gets_another_after_a_crash()
    {
        var reserved = FolderState.Load(Path.Combine(_mailbox.Home, "INBOX"))!.UidNext;
        var crashed = _mailbox.Snapshot();
        File.WriteAllText(Path.Combine(crashed, "INBOX", "cur", MessageFileName.Format("foreign", Text("x").Length, reserved + 1, "")), Text("x"));
        using var after = _mailbox.OpenAt(crashed);
        Assert.Equal(reserved, after.Select(FolderName.Inbox, readOnly: true).Value.Folder.Uids.Last);
    }

    private static MessageFlags Flags(SystemFlags system, params string[] keywords) => new(system, KeywordSet.Of(keywords));

    private static string FileOf(TestMailbox mailbox, uint uid) =>
        Path.Combine(mailbox.Directory("INBOX"), mailbox.Files().Single(f => MessageFileName.Parse(f).Uid == uid));

    private static void Rename(TestMailbox mailbox, uint uid, string letters)
    {
        var file = FileOf(mailbox, uid);
        File.Move(file, file[..(file.LastIndexOf(',') + 1)] + letters);
    }

    /// <summary>Opens files as after a crash and compares them with the index once the folders were scanned, and again once the names were corrected.</summary>
    private void AssertReconciled(string home)
    {
        using var after = _mailbox.OpenAt(home);
        foreach (var folder in after.Folders().All) after.Select(folder.Name, readOnly: true);
        AssertCommitted(after, _mailbox.Snapshot(home), null);
        after.Flush();
        AssertCommitted(after, _mailbox.Snapshot(home), null);
    }

    private static void AssertCommitted(MailboxStore store, string copy, FolderSnapshot? inboxBefore)
    {
        using var index = SqliteDatabase.Open(Path.Combine(copy, "index.db"));
        foreach (var folder in store.Folders().All)
        {
            var snapshot = store.Select(folder.Name, readOnly: true).Value.Folder;
            var status = store.Status(folder.Name).Value;
            var rows = store.Fetch(new MailboxRequest.Fetch(folder.Id, snapshot.Uids.Memory, FetchItems.Flags, MarkSeen: false)).Value.Rows;
            Assert.Equal(rows.Select(r => $"{r.Uid} {r.Flags} {r.ModSeq}"), Messages(index, folder.Id, Path.Combine(copy, folder.Name.Value)));
            var counted = Counters(snapshot.UidNext, status.HighestModSeq, rows.Count, Count(rows, f => (f & SystemFlags.Seen) == 0), Count(rows, f => (f & SystemFlags.Deleted) != 0));
            Assert.Equal(counted, Counters(status.UidNext, status.HighestModSeq, status.Messages, status.Unseen, status.Deleted));
            var stored = Read(index, $"SELECT uidnext, modseq, messages, unseen, deleted FROM folders WHERE id = {folder.Id.Value}", s => Counters((uint)s.Long(0), new ModSeq(s.Long(1)), s.Long(2), s.Long(3), s.Long(4)));
            Assert.Equal(counted, Assert.Single(stored));
            Assert.All(rows, r => Assert.True(r.ModSeq <= status.HighestModSeq));
            if (inboxBefore?.Id == folder.Id) AssertRemovalsRecorded(index, inboxBefore, snapshot);
        }
    }

    /// <summary>The messages as the index has them. Also compares the names of the files with those that the index expects.</summary>
    private static List<string> Messages(SqliteDatabase index, FolderId id, string folder)
    {
        var state = FolderState.Load(folder)!;
        var names = new List<string>();
        var messages = Read(index, $"SELECT key, flags, keywords, modseq, size, base, named FROM messages WHERE key BETWEEN {IndexDatabase.Key(id, 0)} AND {IndexDatabase.Key(id, uint.MaxValue)} ORDER BY key", s =>
        {
            var flags = new MessageFlags((SystemFlags)s.Long(1), s.IsNull(2) ? KeywordSet.Empty : KeywordSet.FromStorage(s.Text(2)!));
            var letters = FlagLetters.Of(flags, state.Keywords);
            Assert.NotEqual(letters, s.Text(6));
            names.Add(MessageFileName.Format(s.Text(5)!, s.Long(4), (uint)s.Long(0), s.Text(6) ?? letters));
            return $"{new Uid((uint)s.Long(0))} {flags} {new ModSeq(s.Long(3))}";
        });
        Assert.Equal(names.Order(StringComparer.Ordinal), System.IO.Directory.GetFiles(Path.Combine(folder, "cur")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        return messages;
    }

    private static void AssertRemovalsRecorded(SqliteDatabase index, FolderSnapshot before, FolderSnapshot now)
    {
        var recorded = Read(index, $"SELECT key FROM expunged WHERE modseq > {before.HighestModSeq.Value} AND modseq <= {now.HighestModSeq.Value}", s => (uint)s.Long(0));
        Assert.Equal(before.Uids.Span.ToArray().Except(now.Uids.Span.ToArray()), recorded.Order());
    }

    private static int Count(IReadOnlyList<MessageRow> rows, Func<SystemFlags, bool> condition) => rows.Count(r => condition(r.Flags.System));

    private static string Counters(uint uidNext, ModSeq modSeq, long messages, long unseen, long deleted) =>
        string.Create(CultureInfo.InvariantCulture, $"UIDNEXT {uidNext}, MODSEQ {modSeq}, {messages} messages, {unseen} unseen, {deleted} deleted");

    private static List<T> Read<T>(SqliteDatabase database, string sql, Func<SqliteStatement, T> read)
    {
        var rows = new List<T>();
        using var statement = database.PrepareOnce(sql);
        while (statement.Step()) rows.Add(read(statement));
        return rows;
    }
}
