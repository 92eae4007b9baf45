using CsCheck;
using MailServer.Domain.Delivery;

namespace MailServer.Domain.Tests.Delivery;

public sealed class RetryScheduleTests
{
    private static readonly DateTimeOffset Queued = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly RetrySchedule Schedule = new();

    [Fact]
    public void The_wait_doubles_up_to_the_maximum()
    {
        var waits = Enumerable.Range(1, 10).Select(attempts => (Schedule.Next(Queued, Queued, attempts, 0.5)!.Value - Queued).TotalMinutes);
        Assert.Equal([5, 10, 20, 40, 80, 160, 240, 240, 240, 240], waits);
    }

    [Fact]
    public void Jitter_moves_a_wait_by_at_most_a_fifth()
    {
        Assert.Equal(TimeSpan.FromMinutes(4), Schedule.Next(Queued, Queued, 1, 0)!.Value - Queued);
        Assert.Equal(TimeSpan.FromMinutes(6), Schedule.Next(Queued, Queued, 1, 1)!.Value - Queued);
    }

    [Fact]
    public void After_the_last_retry_the_message_fails()
    {
        var few = Schedule with { MaxRetries = 2 };
        Assert.NotNull(few.Next(Queued, Queued, 2, 0.5));
        Assert.Null(few.Next(Queued, Queued, 3, 0.5));
        Assert.Null((Schedule with { MaxRetries = 0 }).Next(Queued, Queued, 1, 0.5));
    }

    [Fact]
    public void At_the_maximum_age_the_message_is_tried_once_more_and_then_fails()
    {
        var nearTheEnd = Queued + Schedule.MaxAge - TimeSpan.FromMinutes(1);
        Assert.Equal(Queued + Schedule.MaxAge, Schedule.Next(Queued, nearTheEnd, 20, 0.5));
        Assert.Null(Schedule.Next(Queued, Queued + Schedule.MaxAge, 20, 0.5));
    }

    [Fact]
    public void The_next_attempt_is_later_and_never_past_the_maximum_age() =>
        Gen.Select(Gen.Int[1, 30], Gen.Double[0, 1], Gen.Int[0, 5 * 24 * 60 - 1]).Sample((attempts, jitter, minutes) =>
        {
            var now = Queued.AddMinutes(minutes);
            var next = Schedule.Next(Queued, now, attempts, jitter);
            return next > now && next <= Queued + Schedule.MaxAge;
        });
}
