using MailServer.Domain;

namespace MailServer.Storage.Tests.MailboxIndex;

public sealed class MarkTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Fact]
    public void A_mark_counts_until_it_expires()
    {
        using var mailbox = new TestMailbox();
        mailbox.Store.AddMarks([("a", Now.AddHours(1)), ("b", Now.AddHours(-1))]);
        Assert.True(mailbox.Store.HasMark("a"));
        Assert.False(mailbox.Store.HasMark("b"));
        mailbox.Store.AddMarks([("a", Now.AddHours(-1))]);
        Assert.False(mailbox.Store.HasMark("a"));
    }

    [Fact]
    public void Marks_are_counted_by_their_prefix()
    {
        using var mailbox = new TestMailbox();
        mailbox.Store.AddMarks([("sent:1", Now.AddHours(1)), ("sent:2", Now.AddHours(1)), ("sent:3", Now.AddHours(-1)), ("sens:4", Now.AddHours(1)), ("sent;5", Now.AddHours(1))]);
        Assert.Equal(2, mailbox.Store.CountMarks("sent:", TimeSpan.FromHours(2)));
    }

    [Fact]
    public void Beyond_the_bound_those_that_expire_first_go()
    {
        using var mailbox = new TestMailbox(Limits.Default with { ScriptMarks = 10 });
        for (var i = 0; i < 30; i++) mailbox.Store.AddMarks([($"m{i:D2}", Now.AddHours(1 + i))]);
        Assert.Equal(10, mailbox.Store.CountMarks("m", TimeSpan.FromDays(2)));
        Assert.False(mailbox.Store.HasMark("m19"));
        Assert.True(mailbox.Store.HasMark("m20"));
    }

    [Fact]
    public void Marks_left_by_a_clock_ten_years_ahead_do_not_count_once_it_is_corrected()
    {
        using var mailbox = new TestMailbox();
        mailbox.Store.AddMarks([("replied:a", Now.AddYears(10).AddDays(7)), ("sent:a", Now.AddYears(10).AddHours(1)), ("sent:b", Now.AddHours(30))]);
        Assert.False(mailbox.Store.HasMark("replied:a"));
        Assert.Equal(0, mailbox.Store.CountMarks("sent:", TimeSpan.FromHours(1)));
    }
}
