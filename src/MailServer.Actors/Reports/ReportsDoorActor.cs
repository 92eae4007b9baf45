using Akka.Actor;
using MailServer.Actors.Common;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Reports;

/// <summary>
/// The reports actor as each node of a cluster sees it: there is one, on one of the nodes. What this node notes and receives is brought to it, one thing
/// after the other, each again and again until it says that it has it; what is asked is passed on.
/// </summary>
/// <param name="log">What this node notes.</param>
/// <param name="intake">Whose attachments these are.</param>
/// <param name="owner">The one, wherever it is.</param>
/// <param name="logger">Where is told what found no room.</param>
internal sealed partial class ReportsDoorActor(ReportLog log, ReportIntake intake, IActorRef owner, ILogger logger) : UntypedActor, IWithTimers
{
    /// <summary>While so much waits the notes wait where they are made, and that has a bound.</summary>
    private const int MostWaiting = 32;

    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(5);

    private readonly Queue<(long Number, object Message)> _waiting = new();
    private long _number;
    private long _dropped;

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ReportLog log, ReportIntake intake, IActorRef owner, ILogger logger) => ActorFactory.Props(() => new ReportsDoorActor(log, intake, owner, logger));

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(ReportsProtocol.Drain), ReportsProtocol.Drain.Instance, s_drain);
        Timers.StartPeriodicTimer(nameof(Again), Again.Instance, s_again);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ReportsProtocol.Drain:
                Drain();
                break;
            case Again:
                BringFirst();
                break;
            case ReportsProtocol.Arrived arrived:
                // The intake bounds these: no more come than it has room for, until some are done.
                Bring(new ReportsProtocol.Brought(++_number, arrived));
                break;
            case ReportsProtocol.Taken taken:
                OnTaken(taken.Number);
                break;
            case ReportsProtocol.Send:
                Drain();
                owner.Forward(message);
                break;
            default:
                owner.Forward(message);
                break;
        }
    }

    private void Drain()
    {
        if (log.Dropped > _dropped)
        {
            LogDropped(log.Dropped - _dropped);
            _dropped = log.Dropped;
        }

        if (_waiting.Count >= MostWaiting) return;
        var (dmarc, tls) = log.Drain();
        if (dmarc.Count + tls.Count > 0) Bring(new ReportsProtocol.Noted(++_number, dmarc, tls));
    }

    private void Bring(object message)
    {
        _waiting.Enqueue((_number, message));
        if (_waiting.Count == 1) BringFirst();
    }

    private void BringFirst()
    {
        if (_waiting.TryPeek(out var first)) owner.Tell(first.Message);
    }

    private void OnTaken(long number)
    {
        if (!_waiting.TryPeek(out var first) || first.Number != number) return;
        _waiting.Dequeue();
        if (first.Message is ReportsProtocol.Brought brought) intake.Done(brought.Arrived);
        BringFirst();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} observations for reports found no room")]
    private partial void LogDropped(long count);

    private sealed class Again
    {
        public static Again Instance { get; } = new();
    }
}
