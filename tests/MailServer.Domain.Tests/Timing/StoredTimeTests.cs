using CsCheck;
using MailServer.Domain.Timing;

namespace MailServer.Domain.Tests.Timing;

public sealed class StoredTimeTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(60, false)]
    [InlineData(60 + 6, true)]
    [InlineData(10 * 365 * 24 * 60, true)]
    public void A_due_time_beyond_the_longest_interval_is_due_now(int minutes, bool isDue)
    {
        var due = Now.AddMinutes(minutes);
        Assert.Equal(isDue, StoredTime.IsDue(due, Now, TimeSpan.FromHours(1)));
        Assert.Equal(minutes > 65 ? Now : due, StoredTime.Bound(due, Now, TimeSpan.FromHours(1)));
    }

    [Theory]
    [InlineData(-61, true)]
    [InlineData(-60, false)]
    [InlineData(4, false)]
    [InlineData(10 * 365 * 24 * 60, true)]
    public void A_start_time_in_the_future_counts_as_expired(int minutes, bool isOld) =>
        Assert.Equal(isOld, StoredTime.IsOlder(Now.AddMinutes(minutes), Now, TimeSpan.FromHours(1)));

    [Fact]
    public void Extreme_times_and_clocks_do_not_overflow()
    {
        var times = Gen.Long[DateTimeOffset.MinValue.Ticks, DateTimeOffset.MaxValue.Ticks].Select(static t => new DateTimeOffset(t, TimeSpan.Zero));
        var lengths = Gen.Long[0, TimeSpan.MaxValue.Ticks].Select(static t => new TimeSpan(t));
        Gen.Select(times, times, lengths).Sample((due, now, longest) =>
        {
            Assert.Equal(due <= now || StoredTime.Bound(due, now, longest) == now, StoredTime.IsDue(due, now, longest));
            StoredTime.IsOlder(due, now, longest);
        });
    }
}
