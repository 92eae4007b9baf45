using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Collections;

/// <summary>
/// One running report. A child of the actor of its collection. It reads page after page from the account's store actor and evaluates each in short turns on a
/// thread of <c>report-dispatcher</c>, which the running reports of a node share. It answers exactly once, then stops.
/// </summary>
internal sealed partial class ReportActor : UntypedActor, IWithTimers
{
    /// <summary>Maximum time from the arrival of a report to its answer; clients wait for 30 s.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(25);

    private static readonly TimeSpan LongestTurn = TimeSpan.FromMilliseconds(5);
    // A client gets a partial page before the deadline and requests the rest.
    private static readonly TimeSpan LongestPage = TimeSpan.FromSeconds(10);
    private static readonly CollectionReply.Refused Unavailable = new(CollectionRefusal.Unavailable);

    private readonly AccountId _account;
    private readonly ReportTask _task;
    private readonly IActorRef _client;
    private readonly long _arrived;
    private readonly IActorRef _store;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private bool _isAnswered;
    private bool _isEnding;

    private ReportActor(AccountId account, ReportTask task, IActorRef client, long arrived, IActorRef store, CollectionServices services)
    {
        (_account, _task, _client, _arrived, _store) = (account, task, client, arrived, store);
        (_time, _log) = (services.Time, services.Loggers.CreateLogger<ReportActor>());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="account">The owner of the collection.</param>
    /// <param name="task">The report.</param>
    /// <param name="client">Receives the answer.</param>
    /// <param name="arrived">Time of arrival, as a timestamp of the clock.</param>
    /// <param name="store">The account's store actor.</param>
    /// <param name="services">Dependencies.</param>
    public static Props Props(AccountId account, ReportTask task, IActorRef client, long arrived, IActorRef store, CollectionServices services) =>
        ActorFactory.Props(() => new ReportActor(account, task, client, arrived, store, services)).WithDispatcher("report-dispatcher");

    protected override void PreStart()
    {
        Timers.StartSingleTimer(nameof(Expired), Expired.Instance, Deadline);
        _store.Tell(new ReadPage(_task.Request));
    }

    /// <summary>Refuses the report when the actor was stopped before its end.</summary>
    protected override void PostStop()
    {
        if (!_isAnswered) _client.Tell(Unavailable);
    }

    protected override bool AroundReceive(Receive receive, object message)
    {
        try
        {
            return base.AroundReceive(receive, message);
        }
        catch (Exception e)
        {
            LogFailed(_log, e, _account);
            Answer(Unavailable);
            return true;
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case PageRead { Reply: CollectionReply.Page page }:
                _task.Take(page);
                Evaluate();
                break;
            case PageRead { Reply: var refusal }:
                Answer(refusal);
                break;
            case Continue:
                Evaluate();
                break;
            case StopEntity:
                _isEnding = true;
                break;
            case Expired:
                Answer(Unavailable);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>Evaluates for one turn. Other reports take turns in between.</summary>
    private void Evaluate()
    {
        var began = _time.GetTimestamp();
        _task.Evaluate(() => _time.GetElapsedTime(began) < LongestTurn);
        if (!_task.IsPageDone) Self.Tell(Continue.Instance);
        else if (_task.Next is null || _task.IsFull || _isEnding || _time.GetElapsedTime(_arrived) > LongestPage) Answer(_task.Answer());
        else _store.Tell(new ReadPage(_task.Request));
    }

    private void Answer(CollectionReply reply)
    {
        if (_isAnswered) return;
        _isAnswered = true;
        _client.Tell(reply);
        Context.Stop(Self);
    }

    /// <summary>Reads a page from the account's store. Answered with <see cref="PageRead"/>.</summary>
    internal sealed record ReadPage(CollectionRequest Request) : INoSerializationVerificationNeeded;

    internal sealed record PageRead(CollectionReply Reply) : INoSerializationVerificationNeeded;

    private sealed record Continue
    {
        public static Continue Instance { get; } = new();
    }

    private sealed record Expired
    {
        public static Expired Instance { get; } = new();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A report failed in a collection of account {Account}")]
    private static partial void LogFailed(ILogger logger, Exception exception, AccountId account);
}
