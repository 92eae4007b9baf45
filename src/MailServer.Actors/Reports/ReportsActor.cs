using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Domain.Reports;
using MailServer.Domain.Timing;
using MailServer.Protocol.Reports;
using MailServer.Storage.Reports;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Reports;

/// <summary>
/// Owns <c>reports.db</c>. Stores the node's observations; after the end of a day sends each domain's report at its scheduled time, a few at a time; stores
/// reports received from others. Observations are deleted after their report was accepted: a crash in between sends the same report with the same Report-ID
/// again.
/// </summary>
internal sealed partial class ReportsActor : UntypedActor, IWithTimers
{
    public const string Name = "reports";

    public const string Path = "/user/" + Name;

    private static readonly TimeSpan DrainEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TickEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(1);

    /// <summary>Days for which a report can be delayed; after that it is not sent.</summary>
    private const int MostDays = 3;

    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private readonly ReportServices _services;
    private readonly ILogger _log;
    private readonly BackoffRunner _draining;
    private readonly BackoffRunner _ticking;
    private readonly ReportJobs _jobs;
    private readonly Dictionary<IActorRef, long> _taken = [];
    private ReportStore _store = null!;
    private DateTimeOffset _pruned;
    private long _dropped;

    public ReportsActor(ReportServices services)
    {
        _services = services;
        _jobs = new ReportJobs(services.Limits.ConcurrentReports, services.Time);
        _log = services.Loggers.CreateLogger<ReportsActor>();
        _draining = new BackoffRunner(new ExponentialBackoff(DrainEvery, LongestPause), (e, _) => LogStoreFailed(e), services.Time);
        _ticking = new BackoffRunner(new ExponentialBackoff(TickEvery, LongestPause), (e, _) => LogStoreFailed(e), services.Time);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private DateTimeOffset Now => _services.Time.GetUtcNow();

    private DateOnly Today => DateOnly.FromDateTime(Now.UtcDateTime);

    public static Props Props(ReportServices services) => ActorFactory.Props(() => new ReportsActor(services)).WithDispatcher("storage-dispatcher");

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart()
    {
        _store = ReportStore.Open(_services.Settings.StorePath, _services.Limits, _services.IsShared, _services.Stores);
        Timers.StartPeriodicTimer(nameof(ReportsProtocol.Drain), ReportsProtocol.Drain.Instance, DrainEvery);
        Timers.StartPeriodicTimer(nameof(ReportsProtocol.Tick), ReportsProtocol.Tick.Instance, TickEvery);
    }

    protected override void PostStop()
    {
        Drain();
        _store.Dispose();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ReportsProtocol.Drain:
                Drain();
                break;
            case ReportsProtocol.Tick:
                _ticking.TryRun(OnTick);
                break;
            case ReportsProtocol.ReportMailDelivered arrived:
                OnArrived(arrived);
                break;
            case ReportsProtocol.RecordObservations noted:
                Take(noted.Number, () => Write(noted.Dmarc, noted.Tls));
                break;
            case ReportsProtocol.ForwardReportMail brought:
                Take(brought.Number, () => Keep(brought.Arrived));
                break;
            case ReportsProtocol.Send send:
                OnSend(send);
                break;
            case ReportsProtocol.SendFinished done:
                OnDone(done);
                break;
            case Terminated terminated:
                if (!_taken.Remove(terminated.ActorRef)) OnTerminated(terminated.ActorRef);
                break;
            default:
                if (Answer(message) is { } answer) Sender.Tell(answer);
                else Unhandled(message);
                break;
        }
    }

    private object? Answer(object question) => question switch
    {
        ReportsProtocol.ListReceived list => new ReportsProtocol.Received(_store.Received(list.Kind, list.Max)),
        ReportsProtocol.ListSent list => new ReportsProtocol.Sent(_store.Sent(list.Kind, list.Max)),
        ReportsProtocol.GetReport show => Show(show),
        _ => null,
    };

    private ReportsProtocol.ReportFound Show(ReportsProtocol.GetReport show) => _store.FindReceived(show.Kind, show.Id) is var (report, document)
        ? new ReportsProtocol.ReportFound(report, document)
        : new ReportsProtocol.ReportFound(null, default);

    private void Drain()
    {
        // While the disk fails, observations wait in the buffer up to its bound.
        if (_draining.IsPaused) return;
        var (dmarc, tls) = _services.Settings.Log.Drain();
        if (dmarc.Count + tls.Count > 0) _draining.TryRun(() => Record(dmarc, tls));
    }

    /// <summary>Ignores repeated messages from a node that did not receive the acknowledgement.</summary>
    private void Take(long number, Action work)
    {
        if (number > _taken.GetValueOrDefault(Sender))
        {
            _taken[Context.Watch(Sender)] = number;
            work();
        }

        Sender.Tell(new ReportsProtocol.Acknowledged(number));
    }

    private void Write(IReadOnlyList<DmarcObservation> dmarc, IReadOnlyList<TlsObservation> tls)
    {
        try
        {
            Record(dmarc, tls);
        }
        catch (IOException e)
        {
            LogStoreFailed(e);
        }
    }

    private void Record(IReadOnlyList<DmarcObservation> dmarc, IReadOnlyList<TlsObservation> tls) =>
        _store.Record([.. dmarc.Where(static d => d.PolicyRecord is { } record && DmarcPolicyText.ReportsTo(record).Length > 0)], tls);

    private void OnTick()
    {
        Drain();
        var dropped = _store.Dropped + _services.Settings.Log.Dropped;
        if (dropped > _dropped) LogDropped(dropped - _dropped);
        _dropped = dropped;
        if (StoredTime.IsOlder(_pruned, Now, PruneEvery))
        {
            _pruned = Now;
            _store.Prune(Today.AddDays(-MostDays), Now - _services.Options.Keep);
            _jobs.ForgetOldRetries();
        }

        foreach (var about in _store.Pending().Where(IsDue)) _jobs.Add(new ReportJob(about, DryRun: false, null));
        StartWaiting();
    }

    private bool IsDue(PendingReport about) =>
        about.Day < Today
        && ReportSchedule.DueAt(about, _services.Options, _services.Hostname) <= Now
        && !_jobs.Contains(about)
        && _jobs.MayTry(about);

    private void OnSend(ReportsProtocol.Send send)
    {
        Drain();
        var chosen = _store.Pending().Where(p => p.Kind == send.Kind && p.Day == send.Day && (send.Domain is null || p.Domain == send.Domain) && !_jobs.Contains(p)).ToArray();
        var request = new ReportSendRequest(Sender, chosen.Length);
        if (chosen.Length == 0) request.Answer();
        foreach (var about in chosen) _jobs.Add(new ReportJob(about, send.DryRun, request));
        StartWaiting();
    }

    private void StartWaiting()
    {
        while (_jobs.TryTake(out var job))
        {
            var observed = _store.Read(job.About);
            var sender = Context.ActorOf(ReportSendActor.Props(_services, job.About, observed, job.DryRun));
            Context.Watch(sender);
            _jobs.Started(sender, job with { Observations = observed.Counts });
        }
    }

    private void OnDone(ReportsProtocol.SendFinished done)
    {
        if (!_jobs.TryEnd(Sender, out var job)) return;
        Context.Unwatch(Sender);
        var (about, report) = (job.About, done.Report);
        if (!job.DryRun)
        {
            if (done.KeepsNotes) _jobs.RetryLater(about);
            else if (done.IsAskedFor) _store.Finish(report, job.Observations);
            else _store.Forget(job.Observations);
            if (done.IsAskedFor) LogSent(about.Kind, about.Domain, about.Day, report.Outcome);
        }

        job.Request?.Add(report);
        StartWaiting();
    }

    /// <summary>A sender failed because of a bug; the report is tried again later.</summary>
    private void OnTerminated(IActorRef sender)
    {
        if (!_jobs.TryEnd(sender, out var job)) return;
        _jobs.RetryLater(job.About);
        job.Request?.Add(new SentReport(job.About, "", Now, Now, [], "failed: see the server's log"));
        StartWaiting();
    }

    private void OnArrived(ReportsProtocol.ReportMailDelivered arrived)
    {
        try
        {
            Keep(arrived);
        }
        finally
        {
            _services.Intake.Done(arrived);
        }
    }

    private void Keep(ReportsProtocol.ReportMailDelivered arrived)
    {
        foreach (var attachment in arrived.Attachments) Keep(arrived, attachment);
    }

    private void Keep(ReportsProtocol.ReportMailDelivered arrived, byte[] attachment)
    {
        try
        {
            var document = ReportDocument.Read(attachment, _services.Limits);
            var (report, packed) = ReceivedReportBuilder.Build(document, arrived);
            var id = _store.Keep(report, packed);
            LogKept(arrived.Message, report.Kind, report.Organization, report.Domain, id);
        }
        catch (ReportFormatException e)
        {
            LogUnreadable(arrived.Message, e.Message);
        }
        catch (IOException e)
        {
            LogStoreFailed(e);
        }
    }
}
