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
/// actor, which checks and applies each in one step and answers the client. Each report runs in an actor of its own (<see cref="ReportActor"/>), so reports
/// run in parallel and other requests never wait for them.
/// </para>
/// <para>Every request is answered exactly once: a failure refuses only the affected request, and a stopping actor finishes its reports first.</para>
/// </summary>
internal sealed partial class CollectionActor : UntypedActor
{
    /// <summary>Maximum number of reports that run at the same time; further ones wait.</summary>
    public const int MaxRunning = 16;

    /// <summary>Maximum number of reports that wait; further ones are refused.</summary>
    public const int MaxWaiting = 100;

    private static readonly TimeSpan IdleBeforeStop = TimeSpan.FromMinutes(1);
    private static readonly CollectionReply.Refused Unavailable = new(CollectionRefusal.Unavailable);

    private readonly AccountId _account;
    private readonly CollectionServices _services;
    private readonly ILogger _log;
    private readonly HashSet<IActorRef> _running = [];
    private readonly Queue<PendingReport> _waiting = [];
    private bool _isEnding;

    public CollectionActor(AccountId account, CollectionServices services)
    {
        (_account, _services) = (account, services);
        _log = services.Loggers.CreateLogger<CollectionActor>();
    }

    public static Props Props(AccountId account, CollectionServices services) => ActorFactory.Props(() => new CollectionActor(account, services));

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart() => Context.SetReceiveTimeout(IdleBeforeStop);

    /// <summary>Refuses the waiting reports when the actor stops without <see cref="StopEntity"/>.</summary>
    protected override void PostStop()
    {
        foreach (var report in _waiting) report.Client.Tell(Unavailable);
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
            if (message is CollectionProtocol.AccountRequest) Sender.Tell(Unavailable);
            return true;
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case CollectionProtocol.AccountRequest { Request: CollectionRequest.Search or CollectionRequest.ListBusyTimes } report:
                Begin(new PendingReport(report, Sender, _services.Time.GetTimestamp()));
                break;
            case CollectionProtocol.AccountRequest { Request: CollectionRequest.Upload upload }:
                if (UploadReader.TryRead(upload, out var put, out var invalid)) Context.Parent.Tell(new ToStore(put), Sender);
                else Sender.Tell(invalid);
                break;
            case CollectionProtocol.AccountRequest { Request: var request }:
                Context.Parent.Tell(new ToStore(request), Sender);
                break;
            case Terminated ended:
                _running.Remove(ended.ActorRef);
                RunWaiting();
                if (_isEnding) StopWhenDone();
                break;
            case ReceiveTimeout:
                if (_running.Count == 0) Context.Parent.Tell(Passivate.Instance);
                break;
            case StopEntity:
                End();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Begin(PendingReport report)
    {
        if (_running.Count < MaxRunning) Run(report);
        else if (_waiting.Count < MaxWaiting) _waiting.Enqueue(report);
        else report.Client.Tell(Unavailable);
    }

    private void Run(PendingReport report)
    {
        ReportTask task = report.Message.Request switch
        {
            CollectionRequest.Search search => new ReportTask.Searching(search, ReportSelection.Parse(search, _services.Limits), _services.Limits.DavPageOctets),
            CollectionRequest.ListBusyTimes busy => new ReportTask.FindingBusyTimes(busy),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is not a report"),
        };
        _running.Add(Context.Watch(Context.ActorOf(ReportActor.Props(_account, task, report.Client, report.Arrived, Context.Parent, _services))));
    }

    private void RunWaiting()
    {
        while (_running.Count < MaxRunning && _waiting.TryDequeue(out var report))
        {
            try
            {
                if (_services.Time.GetElapsedTime(report.Arrived) > ReportActor.Deadline) report.Client.Tell(Unavailable);
                else Run(report);
            }
            catch (Exception e)
            {
                LogFailed(_log, e, _account, report.Message.Request.GetType().Name);
                report.Client.Tell(Unavailable);
            }
        }
    }

    /// <summary>Lets the running reports answer; the successor of this actor runs the waiting ones.</summary>
    private void End()
    {
        _isEnding = true;
        foreach (var report in _running) report.Tell(StopEntity.Instance);
        while (_waiting.TryDequeue(out var report)) Context.Parent.Tell(report.Message, report.Client);
        StopWhenDone();
    }

    private void StopWhenDone()
    {
        if (_running.Count == 0) Context.Stop(Self);
    }

    /// <summary>A change or single read for the account's store actor, which answers the sender with a <see cref="CollectionReply"/>.</summary>
    internal sealed record ToStore(CollectionRequest Request) : INoSerializationVerificationNeeded;

    /// <param name="Message">The request.</param>
    /// <param name="Client">Receives the answer.</param>
    /// <param name="Arrived">Time of arrival, as a timestamp of the clock.</param>
    private sealed record PendingReport(CollectionProtocol.AccountRequest Message, IActorRef Client, long Arrived);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Request} failed in a collection of account {Account}")]
    private static partial void LogFailed(ILogger logger, Exception exception, AccountId account, string request);
}
