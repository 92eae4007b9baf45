using System.Globalization;
using MailServer.Domain.Health;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.Health;
using MailServer.Storage.MailboxIndex;
using MailServer.Storage.Sqlite;
using MailServer.Storage.TextIndex;
using Microsoft.Extensions.Time.Testing;
using static MailServer.Storage.Tests.TestMailbox;

namespace MailServer.Storage.Tests.TextIndex;

/// <summary>Searches with the text index: what it spares, and that nothing that happens to its file changes a result.</summary>
public sealed class IndexedSearchTests : IDisposable
{
    private readonly NodeProblems _problems = new();
    private readonly TestMailbox _mailbox = new();
    private Action<string>? _passing;

    public IndexedSearchTests() => _mailbox.TextIndex = Options;

    private TextIndexOptions Options => new() { Subject = "search.db of user_7", Problems = new StoreProblems(_problems), FaultPoint = point => _passing?.Invoke(point) };

    private string File => Path.Combine(_mailbox.Home, "search.db");

    public void Dispose() => _mailbox.Dispose();

    [Fact]
    public void Only_messages_that_may_match_are_read()
    {
        Deliver(40);
        // Punctuation: what is a word would not be read at all.
        Assert.Equal([7u], Search(new SearchCriteria.Body("NUMBER-7.")));
        Assert.Equal(40, _mailbox.Format.TextReads);
        Index();
        Assert.Equal([7u], Search(new SearchCriteria.Body("NUMBER-7.")));
        Assert.Equal(41, _mailbox.Format.TextReads);
        Assert.Equal([9u], Search(new SearchCriteria.AnyText("subject 9.")));
        Assert.Equal([9u], Search(new SearchCriteria.Header("Subject", "Subject 9.")));
        Assert.Empty(Search(new SearchCriteria.Body("subject 9.")));
        Assert.Equal(42, _mailbox.Format.TextReads);
    }

    [Fact]
    public void Messages_that_have_the_text_as_a_word_are_not_read()
    {
        for (var i = 0; i < 30; i++) _mailbox.Deliver(Text("word", i % 3 == 0 ? "These have xylophones.\r\n" : i % 3 == 1 ? "Has a xylophone!\r\n" : "Nothing.\r\n"));
        Index();
        Assert.Equal(20, Search(new SearchCriteria.Body("XYLOPHONE")).Length);
        Assert.Equal(10, _mailbox.Format.TextReads);
        Assert.Equal(20, Search(new SearchCriteria.Not(new SearchCriteria.Body("xylophones"))).Length);
        Assert.Equal(10, _mailbox.Format.TextReads);
    }

    [Fact]
    public void Messages_that_are_not_indexed_yet_are_read()
    {
        Deliver(10);
        Index();
        Deliver(2, from: 11);
        Assert.Equal([12u], Search(new SearchCriteria.Body("number-12.")));
        Assert.Equal(2, _mailbox.Format.TextReads);
    }

    [Fact]
    public void Texts_that_are_too_short_and_operators_are_searched_right()
    {
        Deliver(30);
        Index();
        Assert.Equal(30, Search(new SearchCriteria.Body("r-")).Length);
        Assert.Equal(29, Search(new SearchCriteria.Not(new SearchCriteria.Body("number-7."))).Length);
        Assert.Equal([7u, 8u], Search(new SearchCriteria.Or(new SearchCriteria.Body("number-7."), new SearchCriteria.Header("Subject", "subject 8."))));
        Assert.Equal([7u], Search(new SearchCriteria.And([new SearchCriteria.Body("number-7."), new SearchCriteria.Not(new SearchCriteria.Body("number-8."))])));
        Assert.Equal(30, Search(new SearchCriteria.Header("Subject", "")).Length);
        foreach (var odd in new[] { "\"", "number-7\" OR \"", "*number", "number-7 AND NOT", "'); DROP TABLE chunks; --", "\0\0\0\0" }) Assert.Empty(Search(new SearchCriteria.Body(odd)));
    }

    [Fact]
    public void Moved_copied_and_removed_messages_are_found_where_they_are()
    {
        Deliver(20);
        Index();
        _mailbox.Store.CreateFolder(Name("Other"), FolderRole.None);
        Assert.Null(_mailbox.Store.Copy(_mailbox.Inbox, [7u, 8u], Name("Other"), move: true).Refusal);
        Assert.Empty(Search(new SearchCriteria.Body("number-7.")));
        Assert.Equal([1u], Search(new SearchCriteria.Body("number-7."), "Other"));
        Index();
        Assert.Equal([1u], Search(new SearchCriteria.Body("number-7."), "Other"));
        Assert.Empty(Search(new SearchCriteria.Body("number-7.")));
    }

    [Fact]
    public void A_message_beyond_the_bound_is_always_read()
    {
        _mailbox.TextIndex = Options with { MaxText = 1_000 };
        Deliver(5);
        _mailbox.Deliver(Text("long", new string('x', 2_000) + " the end\r\n"));
        Deliver(5, from: 7);
        Index();
        Assert.Equal([6u], Search(new SearchCriteria.Body("the end")));
        Assert.Equal(1, _mailbox.Format.TextReads);
        Assert.Empty(Search(new SearchCriteria.Body("not there")));
        Assert.Equal(2, _mailbox.Format.TextReads);
    }

    [Fact]
    public void A_message_that_cannot_be_read_is_left_to_searches()
    {
        Deliver(6);
        _mailbox.Format.FailsAt = "number-3.";
        Index();
        _mailbox.Format.FailsAt = null;
        Assert.Equal([3u], Search(new SearchCriteria.Body("number-3.")));
    }

    [Theory]
    [InlineData("removed", false)]
    [InlineData("emptied", true)]
    [InlineData("overwritten", true)]
    [InlineData("cut in half", true)]
    [InlineData("of another format", false)]
    public void A_file_that_cannot_be_used_is_replaced(string what, bool isReported)
    {
        Deliver(50);
        Index();
        _mailbox.Close();
        var content = System.IO.File.ReadAllBytes(File);
        foreach (var log in System.IO.Directory.GetFiles(_mailbox.Home, "search.db-*")) System.IO.File.Delete(log);
        if (what == "removed") System.IO.File.Delete(File);
        else if (what == "emptied") System.IO.File.WriteAllBytes(File, []);
        else if (what == "overwritten") System.IO.File.WriteAllBytes(File, [.. content.Select(static (_, i) => (byte)(i * 7))]);
        else if (what == "cut in half") System.IO.File.WriteAllBytes(File, content[..(content.Length / 2)]);
        else using (var database = SqliteDatabase.Open(File)) database.Execute("PRAGMA user_version = 99");
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal([7u], Search(new SearchCriteria.Body("number-7.")));
            Index();
        }

        Assert.Equal(isReported ? 1 : 0, _problems.Current.Count);
        Assert.Equal(isReported ? 1 : 0, System.IO.Directory.GetFiles(_mailbox.Home, "search.db.damaged-*").Length);
        var before = _mailbox.Format.TextReads;
        Assert.Equal([7u], Search(new SearchCriteria.Body("number-7.")));
        Assert.Equal(before + 1, _mailbox.Format.TextReads);
    }

    [Fact]
    public void No_overwritten_octet_changes_a_result()
    {
        Deliver(30);
        Index();
        _mailbox.Close();
        var content = System.IO.File.ReadAllBytes(File);
        for (var at = 100; at < content.Length; at += 397)
        {
            var damaged = content.ToArray();
            damaged[at] ^= 0x5A;
            System.IO.File.WriteAllBytes(File, damaged);
            foreach (var number in new[] { 1, 7, 30 })
                Assert.Equal([(uint)number], Search(new SearchCriteria.Body(string.Create(CultureInfo.InvariantCulture, $"number-{number}."))));
            Index();
            Assert.Equal([7u], Search(new SearchCriteria.Body("number-7.")));
            _mailbox.Close();
        }
    }

    [Fact]
    public void A_process_that_is_killed_at_any_step_leaves_a_usable_index()
    {
        var copies = new List<string>();
        _passing = _ => copies.Add(_mailbox.Snapshot());
        for (var i = 0; i < 9; i++)
        {
            Deliver(4, from: (i * 4) + 1);
            Index();
        }

        _passing = null;
        _mailbox.Close();
        Assert.InRange(copies.Count, 20, 100);
        foreach (var copy in copies)
        {
            _mailbox.Format.FailsAt = null;
            using var store = _mailbox.OpenAt(copy);
            var uids = store.Select(FolderName.Inbox, readOnly: true).Value.Folder.Uids.Span.ToArray();
            foreach (var uid in uids) Assert.Equal([uid], Search(store, new SearchCriteria.Body(string.Create(CultureInfo.InvariantCulture, $"number-{uid}."))));
            while (store.PlanIndexing(64) is { } batch) Assert.True(batch.Run());
            foreach (var uid in uids) Assert.Equal([uid], Search(store, new SearchCriteria.Body(string.Create(CultureInfo.InvariantCulture, $"number-{uid}."))));
        }

        Assert.Empty(_problems.Current);
    }

    [Fact]
    public void An_index_of_another_state_of_the_mailbox_is_not_used()
    {
        Deliver(20);
        Index();
        _mailbox.LoseIndex();
        var before = _mailbox.Format.TextReads;
        Assert.Equal([7u], Search(new SearchCriteria.Body("number-7.")));
        Assert.Equal(before + 20, _mailbox.Format.TextReads);
        Index();
        Assert.Equal([7u], Search(new SearchCriteria.Body("number-7.")));
        Assert.Equal(before + 21, _mailbox.Format.TextReads);
    }

    [Fact]
    public void Segments_are_joined_and_lose_what_was_removed()
    {
        var options = Options;
        for (var i = 0; i < 70; i++)
        {
            Deliver(1, from: i + 1);
            Index();
        }

        using (var index = Reopened(options)) Assert.InRange(index.Segments.Count, 2, 16);
        for (var at = 70; at < 1_400; at += 70)
        {
            Deliver(70, from: at + 1);
            Index();
        }

        Assert.Equal([777u], Search(new SearchCriteria.Body("number-777.")));
        _mailbox.Store.Store(_mailbox.Inbox, _mailbox.Uids().AsSpan(0, 1_300), FlagOperation.Add, new MessageFlags(SystemFlags.Deleted));
        _mailbox.Store.Expunge(_mailbox.Inbox, null);
        Deliver(1, from: 1_401);
        Index();
        using (var index = Reopened(options)) Assert.InRange(index.Count, 101, 160);
        Assert.Empty(Search(new SearchCriteria.Body("number-777.")));
        Assert.Equal([1_350u], Search(new SearchCriteria.Body("number-1350.")));
        Assert.Equal([1_401u], Search(new SearchCriteria.Body("number-1401.")));
    }

    [Fact]
    public void A_file_that_was_deleted_while_it_is_open_is_noticed()
    {
        var time = new FakeTimeProvider();
        var inbox = new FolderId(3);
        var uids = UidList.TakeOwnership([1]);
        System.IO.Directory.CreateDirectory(_mailbox.Home);
        using var index = new TextIndexStore(_mailbox.Home, 1, Options, time);
        var builder = new SegmentBuilder();
        using var grams = new GramSet(100, 100, 1);
        builder.Add((3L << 32) | 1, grams, isComplete: true);
        Assert.True(index.Add(builder, [new FolderProgress(3, 1, 1)], index.Generation));
        Assert.False(index.Find(inbox, uids, [SearchScope.Body], "text")!.Value.Matches.May.Contains(1));
        System.IO.File.Delete(File);
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.True(index.Find(inbox, uids, [SearchScope.Body], "text")!.Value.Matches.May.Contains(1));
        Assert.Equal(0u, index.ProgressOf(inbox)!.Value.LastUid);
        Assert.True(System.IO.File.Exists(File));
        Assert.Empty(_problems.Current);
    }

    [Fact]
    public void While_the_file_cannot_be_written_everything_may_match()
    {
        Deliver(5);
        System.IO.Directory.CreateDirectory(File);
        Assert.Equal([3u], Search(new SearchCriteria.Body("number-3.")));
        Assert.Null(_mailbox.Store.PlanIndexing(64));
        Assert.Contains("searches for text take longer", Assert.Single(_problems.Current).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_of_an_index_that_was_closed_is_not_added()
    {
        Deliver(8);
        var batch = _mailbox.Store.PlanIndexing(64)!;
        _mailbox.Store.CloseTextIndex();
        Assert.False(batch.Run());
        _mailbox.Store.DropIndexing();
        Index();
        Assert.Equal([3u], Search(new SearchCriteria.Body("number-3.")));
        Assert.Equal(1, _mailbox.Format.TextReads);
    }

    private void Deliver(int count, int from = 1)
    {
        for (var i = from; i < from + count; i++)
            _mailbox.Deliver(Text(string.Create(CultureInfo.InvariantCulture, $"Subject {i}."), string.Create(CultureInfo.InvariantCulture, $"This is number-{i}. of some messages.\r\n")));
    }

    private void Index()
    {
        while (_mailbox.Store.PlanIndexing(64) is { } batch) Assert.True(batch.Run());
    }

    private TextIndexStore Reopened(TextIndexOptions options)
    {
        _mailbox.Close();
        long mailbox;
        using (var database = SqliteDatabase.Open(Path.Combine(_mailbox.Home, "index.db"))) mailbox = database.Scalar("SELECT value FROM state WHERE name = 'identity'");
        return new TextIndexStore(_mailbox.Home, mailbox, options, TimeProvider.System);
    }

    private uint[] Search(SearchCriteria criteria, string folder = "INBOX") => Search(_mailbox.Store, criteria, folder);

    private static uint[] Search(MailboxStore store, SearchCriteria criteria, string folder = "INBOX")
    {
        var search = store.Search(store.Folders().All.Single(f => f.Name.Value == folder).Id, criteria).Value;
        while (!search.Step(1_000)) { }
        return [.. search.Found.Select(static uid => uid.Value)];
    }
}
