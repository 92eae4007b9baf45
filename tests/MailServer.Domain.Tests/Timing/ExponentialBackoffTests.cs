using CsCheck;
using MailServer.Domain.Timing;

namespace MailServer.Domain.Tests.Timing;

public sealed class ExponentialBackoffTests
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    [Fact]
    public void Pauses_double_up_to_a_limit_and_start_over_after_a_success()
    {
        var backOff = new ExponentialBackoff(First, Longest);
        var pauses = Enumerable.Range(0, 12).Select(_ => backOff.Next(0)).ToArray();
        Assert.Equal([5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600], pauses.Select(p => (int)p.TotalSeconds));
        backOff.Reset();
        Assert.Equal(First, backOff.Next(0));
    }

    [Fact]
    public void The_pause_stays_within_its_limits_after_any_number_of_failures() =>
        Gen.Select(Gen.Int[0, 5_000], Gen.Double[0, 1]).Sample((failures, chance) =>
        {
            var backOff = new ExponentialBackoff(First, Longest);
            for (var i = 0; i < failures; i++) backOff.Next(chance);
            var pause = backOff.Next(chance);
            Assert.InRange(pause, First * 0.8, Longest);
        });
}
