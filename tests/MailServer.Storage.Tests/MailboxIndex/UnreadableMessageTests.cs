using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.MailboxIndex;
using MailServer.Storage.Sqlite;
using static MailServer.Storage.Tests.TestMailbox;

namespace MailServer.Storage.Tests.MailboxIndex;

/// <summary>One message with an unreadable file does not affect the others: every request that reads files, with every kind of damage.</summary>
[Trait("Speed", "Slow")]
public sealed class UnreadableMessageTests : IDisposable
{
    private const uint Bad = 3;
    private const uint Last = 5;

    private static readonly string[] Damages = ["a directory in its place", "a dangling link", "a link to itself", "vanished", "fails while it is read"];
    private static readonly FetchItems[] Items = [FetchItems.Content, FetchItems.Envelope, FetchItems.BodyStructure, FetchItems.Headers, FetchItems.Parts | FetchItems.Content];

    private static readonly SearchCriteria[] Searches =
    [
        new SearchCriteria.Body("body"),
        new SearchCriteria.AnyText("body"),
        new SearchCriteria.Not(new SearchCriteria.Body("nowhere")),
        new SearchCriteria.Or(new SearchCriteria.Body("nowhere"), new SearchCriteria.AnyText("body")),
        new SearchCriteria.Header("X-Own", "yes"),
        new SearchCriteria.Not(new SearchCriteria.Header("X-Own", "no")),
        new SearchCriteria.Header("Subject", "subject"),
        new SearchCriteria.DateRange(true, new DateOnly(2020, 1, 1), null),
        new SearchCriteria.Not(new SearchCriteria.DateRange(true, new DateOnly(2030, 1, 1), null)),
    ];

    private readonly TestMailbox _mailbox = new();

    public UnreadableMessageTests()
    {
        for (var i = 1; i <= Last; i++) _mailbox.Deliver(Text($"subject {i}", $"body {i}\r\n", "Date: 2026-01-10\r\nX-Own: yes\r\n"));
        _mailbox.Look();
    }

    public static TheoryData<string, int> Fetches => Cells(Items.Length);

    public static TheoryData<string, int> SearchCells => Cells(Searches.Length);

    public static TheoryData<string, bool> Copies
    {
        get
        {
            var cells = new TheoryData<string, bool>();
            // A hard link does not read the content.
            foreach (var damage in Damages.Where(d => d is "a directory in its place" or "vanished"))
            {
                cells.Add(damage, false);
                cells.Add(damage, true);
            }

            return cells;
        }
    }

    public void Dispose() => _mailbox.Dispose();

    [Theory]
    [MemberData(nameof(Fetches))]
    public void Fetch_returns_the_readable_messages_and_names_the_unreadable_one(string damage, int items)
    {
        if (damage == Damages[^1] && Items[items] == FetchItems.Content) return; // read by the session, see FetchResponseTests
        Spoil(damage);
        var outcome = _mailbox.Store.Fetch(new MailboxRequest.Fetch(_mailbox.Inbox, new uint[] { 1, 2, 3, 4, 5 }, Items[items], MarkSeen: true)).Value;
        Assert.Equal([new Uid(Bad)], outcome.Unreadable);
        Assert.Equal([1u, 2, 4, 5], outcome.Rows.Select(r => r.Uid.Value));
        Assert.All(outcome.Rows, r => Assert.True(r.FlagsChanged));
        Assert.Equal([1u, 2, 4, 5], outcome.Change!.FlagsChanged.Select(f => f.Uid.Value));
        foreach (var row in outcome.Rows) row.Content?.Dispose();
        Assert.Equal(MessageFlags.None, _mailbox.Flags(Bad));
        Assert.Contains(_mailbox.Store.Problems, p => p.StartsWith($"INBOX: UID {Bad} cannot be read", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(SearchCells))]
    public void Search_returns_the_readable_messages_and_names_the_unreadable_one(string damage, int criteria)
    {
        Spoil(damage);
        var run = _mailbox.Store.Search(_mailbox.Inbox, Searches[criteria]).Value;
        Assert.True(run.Step(10_000));
        Assert.Equal([1u, 2, 4, 5], run.Found.Select(u => u.Value));
        Assert.Equal([new Uid(Bad)], run.Unreadable);
    }

    [Theory]
    [MemberData(nameof(Copies))]
    public void Copy_and_move_are_all_or_nothing_and_name_the_unreadable_message(string damage, bool move)
    {
        Spoil(damage);
        var unreadable = Assert.Throws<UnreadableMessageException>(() => _mailbox.Store.Copy(_mailbox.Inbox, [1, 2, 3, 4, 5], Name("Sent"), move));
        Assert.Equal(new Uid(Bad), unreadable.Uid);
        Assert.Empty(_mailbox.Uids("Sent"));
        Assert.Empty(_mailbox.Files("Sent"));
        Assert.Equal([1u, 2], _mailbox.Store.Copy(_mailbox.Inbox, [1, 2], Name("Sent"), move).Value.Reply.Sources.Select(u => u.Value));
    }

    [Fact]
    public void The_remaining_content_of_a_truncated_file_is_sent()
    {
        File.WriteAllText(FileOf(Bad), "Subject: 3\r\n\r\n", Encoding.Latin1);
        Assert.Equal("Subject: 3\r\n\r\n", _mailbox.Body(Bad));
        Assert.Equal(5, _mailbox.Fetch("INBOX", FetchItems.Envelope).Count);
    }

    [Theory]
    [InlineData(FetchItems.Flags)]
    [InlineData(FetchItems.Envelope | FetchItems.BodyStructure | FetchItems.Headers | FetchItems.Parts)]
    public void Indexed_data_is_served_without_the_file(FetchItems items)
    {
        File.Delete(FileOf(Bad));
        Assert.Equal(5, _mailbox.Store.Fetch(new MailboxRequest.Fetch(_mailbox.Inbox, new uint[] { 1, 2, 3, 4, 5 }, items, MarkSeen: false)).Value.Rows.Count);
    }

    private static TheoryData<string, int> Cells(int count)
    {
        var cells = new TheoryData<string, int>();
        foreach (var damage in Damages)
            for (var i = 0; i < count; i++) cells.Add(damage, i);
        return cells;
    }

    /// <summary>Damages one file, and clears the caches of all messages.</summary>
    private void Spoil(string damage)
    {
        _mailbox.Close();
        using (var database = SqliteDatabase.Open(Path.Combine(_mailbox.Home, "index.db"))) database.Execute("DELETE FROM message_cache; UPDATE messages SET sent_day = -2147483648");
        var inbox = _mailbox.Inbox;
        _mailbox.Store.Fetch(new MailboxRequest.Fetch(inbox, new uint[] { 1 }, FetchItems.Flags, MarkSeen: false));
        var file = FileOf(Bad);
        if (damage == Damages[^1])
        {
            _mailbox.Format.FailsAt = $"subject {Bad}";
            return;
        }

        File.Delete(file);
        if (damage == "a directory in its place") System.IO.Directory.CreateDirectory(file);
        else if (damage == "a dangling link") File.CreateSymbolicLink(file, "/nonexistent/file");
        else if (damage == "a link to itself") File.CreateSymbolicLink(file, file);
    }

    private string FileOf(uint uid) => System.IO.Directory.GetFiles(_mailbox.Directory("INBOX")).Single(f => f.Contains($",U={uid}:", StringComparison.Ordinal));
}
