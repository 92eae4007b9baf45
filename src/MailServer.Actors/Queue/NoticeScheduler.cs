using Akka.Actor;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Protocol.Smtp.Dsn;

namespace MailServer.Actors.Queue;

/// <summary>The notices that a partition owes and those being written, a few at a time. Part of the partition's actor.</summary>
internal sealed class NoticeScheduler(QueueServices services, IActorContext context)
{
    public static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(5);

    private const int AtOnce = 4;

    private readonly Dictionary<(SpoolId, DsnAction), IActorRef?> _writing = [];
    private readonly Queue<(QueueItem Item, DsnAction Action, int[] Recipients)> _waiting = new();

    /// <summary>Starts the notices that are due for the message.</summary>
    public void Send(QueueItem item)
    {
        // Never send a notice about a notice (RFC 5321 §4.5.5, RFC 3461 §5.2).
        if (item.Sender is null) return;
        Send(item, DsnAction.Failed, static r => r is { State: RecipientState.Failed, DsnPending: true });
        Send(item, DsnAction.Relayed, static r => r is { State: RecipientState.Delivered, DsnPending: true, Mailbox: null });
        Send(item, DsnAction.Delivered, static r => r is { State: RecipientState.Delivered, DsnPending: true, Mailbox: not null });
        if (IsDelayed(item))
            Send(item, DsnAction.Delayed, static r => r is { State: RecipientState.Waiting, DelayNotified: false, Attempts: > 0 } && r.Notify.HasFlag(DsnNotify.Delay));
    }

    // With by-mode N, a missed deadline causes a notice and delivery continues (RFC 2852 §4.1.3).
    private bool IsDelayed(QueueItem item)
    {
        var now = services.Time.GetUtcNow();
        return now - item.StartsAt >= services.Options.Schedule.DelayNotice || (item.DeliverBy is { Return: false } by && by.Deadline <= now);
    }

    /// <summary>The writer has reported its result. Its end must not count as lost while the result is made durable: the notice would be sent again.</summary>
    public void Reported(NoticeProtocol.NoticeFinished done)
    {
        if (_writing.GetValueOrDefault((done.Message, done.Action)) is { } writer) context.Unwatch(writer);
    }

    /// <summary>The result of the writer is durable, or the notice is due again later.</summary>
    public void Finished(NoticeProtocol.NoticeFinished done)
    {
        _writing.Remove((done.Message, done.Action));
        Start();
    }

    /// <summary>The messages that a terminated writer was handling.</summary>
    public IReadOnlyCollection<SpoolId> Lost(IActorRef writer)
    {
        var lost = _writing.Where(w => writer.Equals(w.Value)).Select(static w => w.Key).ToArray();
        foreach (var key in lost) _writing.Remove(key);
        if (lost.Length > 0) Start();
        return [.. lost.Select(static k => k.Item1)];
    }

    private void Send(QueueItem item, DsnAction action, Func<QueueRecipient, bool> isDue)
    {
        if (_writing.ContainsKey((item.Message, action))) return;
        var recipients = Enumerable.Range(0, item.Recipients.Count).Where(i => isDue(item.Recipients[i])).ToArray();
        if (recipients.Length == 0) return;
        _writing.Add((item.Message, action), null);
        _waiting.Enqueue((item, action, recipients));
        Start();
    }

    private void Start()
    {
        while (_waiting.Count > 0 && _writing.Values.Count(static w => w is not null) < AtOnce)
        {
            var (item, action, recipients) = _waiting.Dequeue();
            var writer = context.ActorOf(NoticeActor.Props(services, item, action, recipients));
            context.Watch(writer);
            _writing[(item.Message, action)] = writer;
        }
    }
}
