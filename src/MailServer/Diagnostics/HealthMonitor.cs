using MailServer.Domain.Formatting;
using MailServer.Domain.Health;
using MailServer.Domain.Timing;
using Microsoft.Extensions.Logging;

namespace MailServer.Diagnostics;

/// <summary>
/// Runs the checks of the node, each at its own interval and with its own time limit, and keeps their results in the node's list of findings. Checks that ask other
/// hosts run apart from the local ones, so that a slow network delays none of these. A local check that found a problem runs at every tick, so that the finding
/// disappears soon after its cause.
/// </summary>
internal sealed partial class HealthMonitor : IDisposable
{
    /// <summary>Reruns every check.</summary>
    public const string Everything = "all";

    // An idle server should sleep.
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>A node that has just started first serves its clients.</summary>
    private static readonly TimeSpan RemoteCheckDelay = TimeSpan.FromMinutes(2);

    private readonly ScheduledCheck[] _checks;
    private readonly HealthReport _report;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly PeriodicWork _local;
    private readonly PeriodicWork _remote;

    public HealthMonitor(IEnumerable<HealthCheck> checks, HealthReport report, TimeProvider time, ILogger log)
    {
        (_report, _time, _log) = (report, time, log);
        _checks = [.. checks.Select(c => new ScheduledCheck(c, time.GetTimestamp()))];
        foreach (var check in _checks) report.Announce(check.Check.Name);
        _local = new PeriodicWork(Tick, new ExponentialBackoff(Tick, LongestPause), cancel => RunDueAsync(isLocal: true, cancel), (e, _) => LogFailed(log, e), time);
        _remote = new PeriodicWork(Tick, new ExponentialBackoff(Tick, LongestPause), cancel => RunDueAsync(isLocal: false, cancel), (e, _) => LogFailed(log, e), time);
    }

    /// <summary>The names of the checks.</summary>
    public IReadOnlyList<string> Names => [.. _checks.Select(static c => c.Check.Name)];

    /// <summary>Runs a check now, or all with <see cref="Everything"/>. Returns false if there is no check of this name.</summary>
    public async Task<bool> RerunAsync(string name, CancellationToken cancel)
    {
        var chosen = _checks.Where(c => name == Everything || c.Check.Name == name).ToArray();
        await Task.WhenAll(chosen.Select(c => RunAsync(c, cancel)));
        return chosen.Length > 0;
    }

    /// <summary>Runs the checks that ask no other host, so that the list shows the present state.</summary>
    public Task RefreshLocalAsync(CancellationToken cancel) => Task.WhenAll(_checks.Where(static c => c.Check.IsLocal).Select(c => RunAsync(c, cancel)));

    public void Dispose()
    {
        _local.Dispose();
        _remote.Dispose();
    }

    private Task RunDueAsync(bool isLocal, CancellationToken cancel) =>
        Task.WhenAll(_checks.Where(c => c.Check.IsLocal == isLocal && IsDue(c)).Select(c => RunAsync(c, cancel)));

    private bool IsDue(ScheduledCheck check) => check.RanAt is { } last
        ? (check.Check.IsLocal && check.FoundProblem) || _time.GetElapsedTime(last) >= check.Check.Interval
        : check.Check.IsLocal || _time.GetElapsedTime(check.CreatedAt) >= RemoteCheckDelay;

    /// <summary>Runs a check after the run that is in progress, if there is one.</summary>
    private Task RunAsync(ScheduledCheck check, CancellationToken cancel)
    {
        lock (check) return check.LastRun = RunAfterAsync(check.LastRun, check, cancel);
    }

    private async Task RunAfterAsync(Task earlier, ScheduledCheck check, CancellationToken cancel)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var results = await ResultsAsync(check.Check, cancel);
        _report.Record(check.Check.Name, results);
        check.FoundProblem = results.Any(static r => r.Severity == FindingSeverity.Problem);
        check.RanAt = _time.GetTimestamp();
    }

    /// <summary>The results of a run. A failed or endless run is a result, so that one check never hides the others.</summary>
    private async Task<IReadOnlyList<CheckResult>> ResultsAsync(HealthCheck check, CancellationToken cancel)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            var running = Task.Run(() => check.RunAsync(late.Token), late.Token);
            return await running.WaitAsync(check.Timeout, _time, cancel);
        }
        catch (TimeoutException)
        {
            await late.CancelAsync();
            return [CheckResult.Problem(check.Name, $"the check did not finish within {Quantity.Of((long)check.Timeout.TotalSeconds, "second")}", $"run 'mailserver doctor --rerun {check.Name}', and see the log")];
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            LogCheckFailed(_log, e, check.Name);
            return [CheckResult.Problem(check.Name, $"the check failed: {e.Message}", $"run 'mailserver doctor --rerun {check.Name}', and see the log")];
        }
    }

    private sealed class ScheduledCheck(HealthCheck check, long createdAt)
    {
        public HealthCheck Check { get; } = check;

        public long CreatedAt { get; } = createdAt;

        /// <summary>The monotonic time of the last run; null before the first.</summary>
        public long? RanAt { get; set; }

        /// <summary>Whether the last run found a problem.</summary>
        public bool FoundProblem { get; set; }

        /// <summary>The run in progress, or the last one; it may have been cancelled.</summary>
        public Task LastRun { get; set; } = Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The checks of the node failed")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The check {Check} failed")]
    private static partial void LogCheckFailed(ILogger logger, Exception exception, string check);
}
