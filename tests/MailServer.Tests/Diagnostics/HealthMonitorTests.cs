using System.Diagnostics;
using MailServer.Configuration;
using MailServer.Diagnostics;
using MailServer.Domain.Health;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Tests.Diagnostics;

/// <summary>The checks run by themselves, each on its own, and on request.</summary>
public sealed class HealthMonitorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly HealthReport _report = new(new NodeProblems(), TimeProvider.System);
    private int _runs;

    [Fact]
    public async Task A_failed_or_endless_check_is_a_finding_and_hides_no_other()
    {
        using var monitor = Monitor(
            Check("well", static _ => Result(CheckResult.Ok("well", "is well"))),
            Check("fails", static _ => throw new InvalidOperationException("no such thing")),
            Check("fails later", static async _ => { await Task.Yield(); throw new IOException("gone"); }),
            Check("endless", static async cancel => { await Task.Delay(Timeout.Infinite, cancel); return []; }, timeout: TimeSpan.FromMilliseconds(50)),
            Check("deaf", static async _ => { await Task.Delay(Timeout.Infinite, CancellationToken.None); return []; }, timeout: TimeSpan.FromMilliseconds(50)));
        Assert.Equal(5, _report.Current.Count(static f => f.Severity == FindingSeverity.Pending));
        Assert.True(await monitor.RerunAsync(HealthMonitor.Everything, default));
        Assert.Equal(
            ["deaf: the check did not finish", "endless: the check did not finish", "fails: the check failed: no such thing", "fails later: the check failed: gone", "well: is well"],
            _report.Current.OrderBy(static f => f.Check, StringComparer.Ordinal).Select(static f => f.ToString().Split(" within")[0].Split(';')[0]));
        Assert.Equal(4, _report.Current.Count(static f => f.Severity == FindingSeverity.Problem));
    }

    [Fact]
    public async Task A_check_is_rerun_by_its_name_alone()
    {
        using var monitor = Monitor(Counted("a", TimeSpan.FromHours(1)), Check("b", static _ => throw new InvalidOperationException()));
        Assert.True(await monitor.RerunAsync("a", default));
        Assert.True(await monitor.RerunAsync("a", default));
        Assert.False(await monitor.RerunAsync("c", default));
        Assert.Equal((2, FindingSeverity.Pending), (_runs, _report.Current.Single(static f => f.Check == "b").Severity));
        Assert.Equal(["a", "b"], monitor.Names);
    }

    [Fact]
    public async Task A_check_runs_again_when_its_interval_is_over()
    {
        var (clock, interval) = (new FakeTimeProvider(), TimeSpan.FromMinutes(1));
        using var monitor = Monitor(clock, Counted("a", interval));
        Assert.InRange(await RunAsync(clock, 1), TimeSpan.Zero, interval);
        // It is looked for at every tick of 15 seconds.
        Assert.InRange(await RunAsync(clock, 2), interval - TimeSpan.FromSeconds(1), interval * 2);
    }

    [Fact]
    public async Task A_problem_disappears_soon_after_its_cause()
    {
        var (clock, isWell) = (new FakeTimeProvider(), false);
        var check = Check("a", _ =>
        {
            Interlocked.Increment(ref _runs);
            return Result(Volatile.Read(ref isWell) ? CheckResult.Ok("a", "is well") : CheckResult.Problem("a", "is broken", "mend it"));
        });
        using var monitor = Monitor(clock, check);
        await RunAsync(clock, 1);
        Volatile.Write(ref isWell, true);
        Assert.InRange(await RunAsync(clock, 2), TimeSpan.Zero, TimeSpan.FromSeconds(16));
        Assert.True(SpinWait.SpinUntil(() => _report.Current.Single().Severity == FindingSeverity.Ok, Patience));
    }

    [Fact]
    public async Task Refreshing_the_local_checks_asks_no_other_host()
    {
        using var monitor = Monitor(Counted("local", TimeSpan.FromHours(1)), new HealthCheck("other", TimeSpan.FromHours(1), Patience, IsLocal: false, static _ => throw new InvalidOperationException()));
        await monitor.RefreshLocalAsync(default);
        Assert.Equal((1, FindingSeverity.Pending), (_runs, _report.Current.Single(static f => f.Check == "other").Severity));
    }

    [Fact]
    public void Every_check_has_a_name_that_health_skip_knows_and_can_be_skipped() =>
        Assert.Equal(HealthOptions.Checks, HealthOptions.Checks.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    private HealthMonitor Monitor(params HealthCheck[] checks) => Monitor(TimeProvider.System, checks);

    private HealthMonitor Monitor(TimeProvider time, params HealthCheck[] checks) => new(checks, _report, time, NullLogger.Instance);

    /// <summary>Turns the clock until the check has run as often as this; returns for how long.</summary>
    private async Task<TimeSpan> RunAsync(FakeTimeProvider clock, int runs)
    {
        var (start, late) = (clock.GetTimestamp(), Stopwatch.StartNew());
        while (Volatile.Read(ref _runs) < runs && late.Elapsed < Patience)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            // The monitor's loop continues on another thread.
            for (var i = 0; i < 10 && Volatile.Read(ref _runs) < runs; i++) await Task.Delay(1);
        }

        Assert.Equal(runs, _runs);
        return clock.GetElapsedTime(start);
    }

    private HealthCheck Counted(string name, TimeSpan interval) => new(name, interval, Patience, IsLocal: true, _ =>
    {
        Interlocked.Increment(ref _runs);
        return Result(CheckResult.Ok(name, "is well"));
    });

    private static HealthCheck Check(string name, Func<CancellationToken, Task<IReadOnlyList<CheckResult>>> run, TimeSpan? timeout = null) => new(name, TimeSpan.FromHours(1), timeout ?? Patience, IsLocal: true, run);

    private static Task<IReadOnlyList<CheckResult>> Result(CheckResult result) => Task.FromResult<IReadOnlyList<CheckResult>>([result]);
}
