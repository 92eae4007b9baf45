using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Reports;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Collections;

/// <summary>
/// One calendar, address book or file space of an account. A child of the account's store actor, which owns the database and its single transaction.
/// <para>
/// All requests about the collection pass through this actor, in order. It parses uploaded resources and forwards changes and single reads to the store
/// actor, which checks and applies each in one step and answers the client. It evaluates reports itself: page by page, each page in short turns, so other
/// requests are served in between.
/// </para>
/// <para>Every request is answered exactly once: a failure refuses only the affected request, and a stopping actor answers its reports first.</para>
/// </summary>
internal sealed partial class CollectionActor : UntypedActor, IWithTimers
{
    /// <summary>Maximum number of reports in progress; further ones are refused.</summary>
    public const int MaxReports = 100;

    private static readonly TimeSpan IdleBeforeStop = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMilliseconds(5);
    // Clients wait for 30 s. They get a partial page before that and request the rest.
    private static readonly TimeSpan LongestPage = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(25);
    private static readonly CollectionReply.Refused Unavailable = new(CollectionRefusal.Unavailable);

    private readonly AccountId _account;
    private readonly CollectionServices _services;
    private readonly ILogger _log;
    private readonly Dictionary<long, ReportTask> _reports = [];
    private long _lastReport;
    private bool _isEnding;

    public CollectionActor(AccountId account, CollectionServices services)
    {
        (_account, _services) = (account, services);
        _log = services.Loggers.CreateLogger<CollectionActor>();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(AccountId account, CollectionServices services) =>
        ActorFactory.Props(() => new CollectionActor(account, services)).WithDispatcher("collection-dispatcher");

    protected override void PreStart() => Context.SetReceiveTimeout(IdleBeforeStop);

    /// <summary>Refuses the remaining reports when the actor stops without <see cref="StopEntity"/>.</summary>
    protected override void PostStop()
    {
        foreach (var report in _reports.Values) report.Client.Tell(Unavailable);
    }

    protected override bool AroundReceive(Receive receive, object message)
    {
        try
        {
            return base.AroundReceive(receive, message);
        }
        catch (Exception e)
        {
            LogFailed(_log, e, _account, message.GetType().Name);
            Refuse(message);
            return true;
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case CollectionProtocol.AccountRequest { Request: CollectionRequest.Search search }:
                Begin(new ReportTask.Searching(search, ReportSelection.Parse(search, _services.Limits), _services.Limits.DavPageOctets) { Client = Sender, Began = Now });
                break;
            case CollectionProtocol.AccountRequest { Request: CollectionRequest.ListBusyTimes busy }:
                Begin(new ReportTask.FindingBusyTimes(busy) { Client = Sender, Began = Now });
                break;
            case CollectionProtocol.AccountRequest { Request: CollectionRequest.Upload upload }:
                if (UploadReader.TryRead(upload, out var put, out var invalid)) Context.Parent.Tell(new CollectionProtocol.ToStore(_account, put), Sender);
                else Sender.Tell(invalid);
                break;
            case CollectionProtocol.AccountRequest { Request: var request }:
                Context.Parent.Tell(new CollectionProtocol.ToStore(_account, request), Sender);
                break;
            case PageRead read:
                OnPage(read);
                break;
            case Continue next when _reports.TryGetValue(next.Report, out var report):
                Evaluate(next.Report, report);
                break;
            case Expired expired:
                Answer(expired.Report, Unavailable);
                break;
            case ReceiveTimeout:
                if (_reports.Count == 0) Context.Parent.Tell(Passivate.Instance);
                break;
            case StopEntity:
                _isEnding = true;
                StopWhenDone();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private long Now => _services.Time.GetTimestamp();

    private void Begin(ReportTask report)
    {
        if (_reports.Count >= MaxReports)
        {
            report.Client.Tell(Unavailable);
            return;
        }

        var id = ++_lastReport;
        _reports.Add(id, report);
        Timers.StartSingleTimer(id, new Expired(id), Deadline);
        Context.Parent.Tell(new ReadPage(id, report.Request));
    }

    private void OnPage(PageRead read)
    {
        if (!_reports.TryGetValue(read.Report, out var report)) return;
        if (read.Reply is CollectionReply.Page page)
        {
            report.Take(page);
            Evaluate(read.Report, report);
        }
        else
        {
            Answer(read.Report, read.Reply);
        }
    }

    /// <summary>Evaluates for one turn. Messages that arrive meanwhile are served before the next turn.</summary>
    private void Evaluate(long id, ReportTask report)
    {
        var began = Now;
        report.Evaluate(() => _services.Time.GetElapsedTime(began) < LongestTurn);
        if (!report.IsPageDone) Self.Tell(new Continue(id));
        else if (report.Next is null || report.IsFull || _isEnding || _services.Time.GetElapsedTime(report.Began) > LongestPage) Answer(id, report.Answer());
        else Context.Parent.Tell(new ReadPage(id, report.Request));
    }

    private void Answer(long id, CollectionReply reply)
    {
        if (!_reports.Remove(id, out var report)) return;
        Timers.Cancel(id);
        report.Client.Tell(reply);
        StopWhenDone();
    }

    private void StopWhenDone()
    {
        if (_isEnding && _reports.Count == 0) Context.Stop(Self);
    }

    /// <summary>Refuses the request that a failed message belongs to.</summary>
    private void Refuse(object message)
    {
        switch (message)
        {
            case CollectionProtocol.AccountRequest:
                Sender.Tell(Unavailable);
                break;
            case PageRead read:
                Answer(read.Report, Unavailable);
                break;
            case Continue next:
                Answer(next.Report, Unavailable);
                break;
        }
    }

    /// <summary>Reads a page for a report from the account's store. Answered with <see cref="PageRead"/>.</summary>
    internal sealed record ReadPage(long Report, CollectionRequest Request) : INoSerializationVerificationNeeded;

    internal sealed record PageRead(long Report, CollectionReply Reply) : INoSerializationVerificationNeeded;

    private sealed record Continue(long Report);

    private sealed record Expired(long Report);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Request} failed in a collection of account {Account}")]
    private static partial void LogFailed(ILogger logger, Exception exception, AccountId account, string request);
}
