using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using MailServer.Domain.Reports;
using MailServer.Domain.Timing;

namespace MailServer.Actors.Reports;

/// <summary>
/// The reports that wait to be sent, those that are being sent, and those that are tried again later. A report is sent by one sender at a time, whether its
/// time has come or an administrator asked for it.
/// </summary>
/// <param name="most">How many reports are sent at a time.</param>
/// <param name="time">The clock of retries.</param>
internal sealed class ReportJobs(int most, TimeProvider time)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromHours(1);
    private static readonly TimeSpan RetryForgottenAfter = TimeSpan.FromDays(1);

    private readonly Queue<ReportJob> _waiting = new();
    private readonly Dictionary<IActorRef, ReportJob> _running = [];
    private readonly HashSet<PendingReport> _begun = [];
    private readonly Dictionary<PendingReport, DateTimeOffset> _retryAt = [];

    /// <summary>True while the report waits or is being sent.</summary>
    public bool Contains(PendingReport about) => _begun.Contains(Key(about));

    /// <summary>False until the time of the next attempt after a failure.</summary>
    public bool MayTry(PendingReport about) => StoredTime.IsDue(_retryAt.GetValueOrDefault(Key(about)), time.GetUtcNow(), RetryAfter);

    public void Add(ReportJob job)
    {
        _begun.Add(Key(job.About));
        _waiting.Enqueue(job);
    }

    /// <summary>Takes the next job that may start now.</summary>
    public bool TryTake([NotNullWhen(true)] out ReportJob? job)
    {
        job = null;
        return _running.Count < most && _waiting.TryDequeue(out job);
    }

    public void Started(IActorRef sender, ReportJob job) => _running.Add(sender, job);

    /// <summary>Removes the job of a sender that has ended; false if it has none.</summary>
    public bool TryEnd(IActorRef sender, [NotNullWhen(true)] out ReportJob? job)
    {
        if (!_running.Remove(sender, out job)) return false;
        _begun.Remove(Key(job.About));
        return true;
    }

    /// <summary>Delays the next attempt.</summary>
    public void RetryLater(PendingReport about) => _retryAt[Key(about)] = time.GetUtcNow() + RetryAfter;

    public void ForgetOldRetries()
    {
        var now = time.GetUtcNow();
        foreach (var old in _retryAt.Where(r => StoredTime.IsOlder(r.Value, now, RetryForgottenAfter)).Select(static r => r.Key).ToArray()) _retryAt.Remove(old);
    }

    /// <summary>The report without its message count, which increases.</summary>
    private static PendingReport Key(PendingReport about) => about with { Messages = 0 };
}

/// <summary>A report to send.</summary>
/// <param name="About">Its subject.</param>
/// <param name="DryRun">True: it is composed and not sent.</param>
/// <param name="Request">The administrator's request; null if its time has come.</param>
internal sealed record ReportJob(PendingReport About, bool DryRun, ReportSendRequest? Request)
{
    /// <summary>The observations in the report, which are deleted after it was accepted.</summary>
    public IReadOnlyList<(long Id, long Count)> Observations { get; init; } = [];
}

/// <summary>An administrator's request that waits for several reports.</summary>
internal sealed class ReportSendRequest(IActorRef client, int expected)
{
    private readonly List<SentReport> _reports = [];

    public void Add(SentReport report)
    {
        _reports.Add(report);
        if (_reports.Count == expected) Answer();
    }

    public void Answer() => client.Tell(new ReportsProtocol.Sent([.. _reports.OrderBy(static r => r.Subject.Domain, StringComparer.Ordinal)]));
}
