using System.Globalization;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Ordering;
using static MailServer.Storage.Tests.TestMailbox;
using SortKey = MailServer.Domain.Mailboxes.SortKey;

namespace MailServer.Storage.Tests.MailboxIndex;

public sealed class MailboxOrderingTests : IDisposable
{
    private readonly TestMailbox _mailbox = new();

    public MailboxOrderingTests()
    {
        Deliver("Banana", "2026-01-03", "<1>", "");
        Deliver("Apple", "2026-01-02", "<2>", "<1>");
        Deliver("Apple", "2026-01-01", "<3>", "");
    }

    public void Dispose() => _mailbox.Dispose();

    [Theory]
    [InlineData(SortKey.Subject, false, new uint[] { 2, 3, 1 })]
    [InlineData(SortKey.Subject, true, new uint[] { 1, 2, 3 })]
    [InlineData(SortKey.Date, false, new uint[] { 3, 2, 1 })]
    [InlineData(SortKey.Arrival, false, new uint[] { 3, 2, 1 })]
    [InlineData(SortKey.Size, false, new uint[] { 3, 1, 2 })]
    public void Messages_are_sorted_even_after_the_index_was_lost(SortKey key, bool reverse, uint[] expected)
    {
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(expected, Sort([new SortCriterion(key, reverse)]));
            _mailbox.LoseIndex();
        }
    }

    [Fact]
    public void Threads_are_gathered()
    {
        Assert.Equal([new ThreadMember(3, 0), new ThreadMember(1, 0), new ThreadMember(2, 1)], Thread(ThreadAlgorithm.References));
        Assert.Equal([new ThreadMember(3, 0), new ThreadMember(2, 1), new ThreadMember(1, 0)], Thread(ThreadAlgorithm.OrderedSubject));
    }

    [Fact]
    public void What_was_read_is_not_read_again()
    {
        Sort([new SortCriterion(SortKey.Date, false)]);
        var read = _mailbox.Format.OrderReads;
        Assert.Equal(3, read);
        Sort([new SortCriterion(SortKey.Date, true)]);
        Assert.Equal(read, _mailbox.Format.OrderReads);
        Deliver("Cherry", "2025-12-31", "<4>", "");
        _mailbox.Store.Store(_mailbox.Inbox, [1], FlagOperation.Add, new MessageFlags(SystemFlags.Deleted));
        _mailbox.Store.Expunge(_mailbox.Inbox, null);
        Assert.Equal([4u, 3, 2], Sort([new SortCriterion(SortKey.Date, false)]));
        Assert.Equal(read + 1, _mailbox.Format.OrderReads);
        Sort([new SortCriterion(SortKey.Arrival, false)]);
        Assert.Equal(read + 1, _mailbox.Format.OrderReads);
    }

    [Fact]
    public void Messages_that_are_removed_meanwhile_are_left_out()
    {
        var run = _mailbox.Store.Sort(_mailbox.Inbox, new SearchCriteria.All(), [new SortCriterion(SortKey.Date, false)]).Value;
        Assert.False(run.Step(1));
        _mailbox.Store.Store(_mailbox.Inbox, [2], FlagOperation.Add, new MessageFlags(SystemFlags.Deleted));
        _mailbox.Store.Expunge(_mailbox.Inbox, null);
        while (!run.Step(1)) { }
        Assert.Equal([3u, 1], Assert.IsType<MailboxReply.SearchResult>(run.Reply).Uids.Select(u => u.Value));
    }

    [Fact]
    public void A_folder_that_was_released_meanwhile_is_read_again()
    {
        var run = _mailbox.Store.Sort(_mailbox.Inbox, new SearchCriteria.All(), [new SortCriterion(SortKey.Date, false)]).Value;
        Assert.False(run.Step(4));
        _mailbox.Store.UnloadFolders();
        while (!run.Step(4)) { }
        Assert.Equal([3u, 2, 1], Assert.IsType<MailboxReply.SearchResult>(run.Reply).Uids.Select(u => u.Value));
    }

    private void Deliver(string subject, string date, string id, string references) =>
        _mailbox.Deliver(Text(subject, "text\r\n", $"Date: {date}\r\nMessage-ID: {id}\r\n{(references.Length > 0 ? $"References: {references}\r\n" : "")}"), date: DateTimeOffset.Parse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));

    private uint[] Sort(IReadOnlyList<SortCriterion> order)
    {
        var run = _mailbox.Store.Sort(_mailbox.Inbox, new SearchCriteria.All(), order).Value;
        while (!run.Step(1)) { }
        return [.. Assert.IsType<MailboxReply.SearchResult>(run.Reply).Uids.Select(u => u.Value)];
    }

    private IReadOnlyList<ThreadMember> Thread(ThreadAlgorithm algorithm)
    {
        var run = _mailbox.Store.Thread(_mailbox.Inbox, new SearchCriteria.All(), algorithm).Value;
        while (!run.Step(1)) { }
        return Assert.IsType<MailboxReply.Threads>(run.Reply).Members;
    }
}
