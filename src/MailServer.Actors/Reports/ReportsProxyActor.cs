using Akka.Actor;
using MailServer.Actors.Common;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Reports;

/// <summary>
/// The reports actor as seen by each node of a cluster, where the owner is a singleton. Sends this node's observations and received reports to the owner in
/// order, resending each until it is acknowledged, and forwards requests.
/// </summary>
/// <param name="log">Buffer with this node's observations.</param>
/// <param name="intake">Source of the received attachments.</param>
/// <param name="owner">The reports singleton.</param>
/// <param name="logger">Logs dropped observations.</param>
internal sealed partial class ReportsProxyActor(ReportLog log, ReportIntake intake, IActorRef owner, ILogger logger) : UntypedActor, IWithTimers
{
    /// <summary>While this many messages are waiting, observations stay in the buffer, which is bounded.</summary>
    private const int MostWaiting = 32;

    private static readonly TimeSpan DrainMessage = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ResendTickMessage = TimeSpan.FromSeconds(5);

    private readonly Queue<(long Number, object Message)> _waiting = new();
    private long _number;
    private long _dropped;

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ReportLog log, ReportIntake intake, IActorRef owner, ILogger logger) => ActorFactory.Props(() => new ReportsProxyActor(log, intake, owner, logger));

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(ReportsProtocol.Drain), ReportsProtocol.Drain.Instance, DrainMessage);
        Timers.StartPeriodicTimer(nameof(ResendTick), ResendTick.Instance, ResendTickMessage);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ReportsProtocol.Drain:
                Drain();
                break;
            case ResendTick:
                BringFirst();
                break;
            case ReportsProtocol.ReportMailDelivered arrived:
                // The intake bounds these: it accepts no more until some are acknowledged.
                Bring(new ReportsProtocol.ForwardReportMail(++_number, arrived));
                break;
            case ReportsProtocol.Acknowledged taken:
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
        if (dmarc.Count + tls.Count > 0) Bring(new ReportsProtocol.RecordObservations(++_number, dmarc, tls));
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
        if (first.Message is ReportsProtocol.ForwardReportMail brought) intake.Done(brought.Arrived);
        BringFirst();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Observations for reports dropped because the buffer was full: {Count}")]
    private partial void LogDropped(long count);

    private sealed class ResendTick
    {
        public static ResendTick Instance { get; } = new();
    }
}
