using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Queue;

/// <summary>The messages of one partition: what its journal comes to. Changed by events only, so that recovery and life are the same code.</summary>
internal sealed class QueueState
{
    private readonly Dictionary<SpoolId, QueueItem> _items = [];

    public int Count => _items.Count;

    public IEnumerable<QueueItem> Items => _items.Values;

    public QueueItem? Find(SpoolId message) => _items.GetValueOrDefault(message);

    public void Restore(QueueSnapshot snapshot)
    {
        foreach (var item in snapshot.Items) _items[item.Message] = item;
    }

    public QueueSnapshot Snapshot() => new([.. _items.Values]);

    /// <summary>The item as it is afterwards, also when that finished it and it is no longer here; null for one that was not here before.</summary>
    public QueueItem? Apply(QueueEvent happened)
    {
        if (happened is QueueEvent.Queued queued) return _items[queued.Message] = queued.Item;
        if (Find(happened.Message) is not { } before) return null;
        var item = happened switch
        {
            QueueEvent.Attempted attempted => After(before, attempted),
            QueueEvent.Noticed noticed => Change(before, noticed.Recipients, static r => r.State == RecipientState.Waiting ? r with { DelayNoticed = true } : r with { NoticeDue = false }),
            QueueEvent.Rescheduled rescheduled => Reschedule(before, rescheduled),
            _ => before,
        };
        if (happened is QueueEvent.Deleted || item.IsFinished) _items.Remove(item.Message);
        else _items[item.Message] = item;
        return item;
    }

    private static QueueItem After(QueueItem item, QueueEvent.Attempted attempted)
    {
        var recipients = item.Recipients.ToArray();
        foreach (var result in attempted.Results)
        {
            var before = recipients[result.Recipient];
            recipients[result.Recipient] = before with
            {
                State = result.State,
                Attempts = before.Attempts + 1,
                NextAttempt = result.Next,
                NoticeDue = result.NoticeDue,
                Last = new DeliveryAttempt(attempted.At, attempted.Host, attempted.Tls, result.Reply),
            };
        }

        return item with { Recipients = recipients };
    }

    private static QueueItem Reschedule(QueueItem item, QueueEvent.Rescheduled rescheduled) =>
        Change(item, Enumerable.Range(0, item.Recipients.Count), r => r with { NextAttempt = rescheduled.Next }) with { Held = rescheduled.Held };

    private static QueueItem Change(QueueItem item, IEnumerable<int> indexes, Func<QueueRecipient, QueueRecipient> change)
    {
        var recipients = item.Recipients.ToArray();
        foreach (var index in indexes) recipients[index] = change(recipients[index]);
        return item with { Recipients = recipients };
    }
}
