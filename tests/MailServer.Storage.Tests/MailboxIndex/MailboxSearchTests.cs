using MailServer.Domain.Mailboxes;
using static MailServer.Storage.Tests.TestMailbox;

namespace MailServer.Storage.Tests.MailboxIndex;

public sealed class MailboxSearchTests : IDisposable
{
    private readonly TestMailbox _mailbox = new();

    public MailboxSearchTests()
    {
        _mailbox.Deliver(Text("Invoice", "pay the bill\r\n", "Date: 2026-01-10\r\nX-Spam: yes\r\n"), date: Day(2026, 1, 11));
        _mailbox.Deliver(Text("Lunch", "at noon\r\n", "Date: 2026-02-01\r\n"), flags: new MessageFlags(SystemFlags.Seen, KeywordSet.Of("work")), date: Day(2026, 2, 1));
        _mailbox.Deliver(Text("Re: Lunch", "the bill was high, so very high\r\n"), flags: new MessageFlags(SystemFlags.Flagged), date: Day(2026, 3, 1));
    }

    public static TheoryData<SearchCriteria, uint[]> Searches => new()
    {
        { new SearchCriteria.All(), [1, 2, 3] },
        { new SearchCriteria.HasFlags(SystemFlags.Seen), [2] },
        { new SearchCriteria.HasKeyword("WORK"), [2] },
        { new SearchCriteria.Recent(new Uid(2)), [2, 3] },
        { new SearchCriteria.Recent(null), [] },
        { new SearchCriteria.Uids(UidSet.Of((2u, 9u))), [2, 3] },
        { new SearchCriteria.Header("Subject", "lunch"), [2, 3] },
        { new SearchCriteria.Header("Date", ""), [1, 2] },
        { new SearchCriteria.Header("X-Spam", "yes"), [1] },
        { new SearchCriteria.Body("bill"), [1, 3] },
        { new SearchCriteria.Body("lunch"), [] },
        { new SearchCriteria.AnyText("lunch"), [2, 3] },
        { new SearchCriteria.DateRange(false, new DateOnly(2026, 2, 1), null), [2, 3] },
        { new SearchCriteria.DateRange(false, null, new DateOnly(2026, 2, 1)), [1] },
        { new SearchCriteria.DateRange(true, new DateOnly(2026, 1, 1), new DateOnly(2026, 2, 1)), [1] },
        { new SearchCriteria.Not(new SearchCriteria.DateRange(true, new DateOnly(2026, 1, 1), null)), [3] },
        { new SearchCriteria.SizeRange(60, null), [1] },
        { new SearchCriteria.SizeRange(null, 30), [] },
        { new SearchCriteria.Age(1, null), [1, 2, 3] },
        { new SearchCriteria.Age(null, 1), [] },
        { new SearchCriteria.And([new SearchCriteria.Body("bill"), new SearchCriteria.Uids(UidSet.Of((2u, 3u)))]), [3] },
        { new SearchCriteria.Or(new SearchCriteria.Body("noon"), new SearchCriteria.HasFlags(SystemFlags.Flagged)), [2, 3] },
    };

    public void Dispose() => _mailbox.Dispose();

    [Theory]
    [MemberData(nameof(Searches), DisableDiscoveryEnumeration = true)]
    public void Every_search_key_finds_its_messages_even_after_the_index_was_lost(SearchCriteria criteria, uint[] expected)
    {
        for (var round = 0; round < 2; round++)
        {
            var run = _mailbox.Store.Search(_mailbox.Inbox, criteria).Value;
            while (!run.Step(1)) { }
            Assert.Equal(expected, run.Found.Select(u => u.Value));
            _mailbox.LoseIndex();
        }
    }

    [Fact]
    public void A_search_may_be_interrupted_by_other_changes()
    {
        var run = _mailbox.Store.Search(_mailbox.Inbox, new SearchCriteria.Body("bill")).Value;
        Assert.False(run.Step(1));
        _mailbox.Store.Store(_mailbox.Inbox, [2, 3], FlagOperation.Add, new MessageFlags(SystemFlags.Deleted));
        _mailbox.Store.Expunge(_mailbox.Inbox, null);
        _mailbox.Deliver(Text("late bill", "bill"));
        Assert.True(run.Step(1_000));
        Assert.Equal([new Uid(1)], run.Found);
    }

    private static DateTimeOffset Day(int year, int month, int day) => new(year, month, day, 23, 30, 0, TimeSpan.FromHours(1));
}
