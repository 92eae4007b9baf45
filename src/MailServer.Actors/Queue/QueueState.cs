using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Queue;

/// <summary>
/// The messages of one partition, as defined by its journal. Only events change it, so recovery and normal operation run the same code. Each item is stored
/// in the journal's format and unpacked when needed: a hundred thousand waiting messages take tens of megabytes.
/// </summary>
internal sealed class QueueState
{
    /// <summary>The finished messages that are remembered. An account that sends a message again after a crash does so within moments.</summary>
    private const int Remembered = 1_000;

    private readonly Dictionary<SpoolId, byte[]> _items = [];
    private readonly HashSet<SpoolId> _finished = [];
    private readonly Queue<SpoolId> _finishedInOrder = new();

    public int Count => _items.Count;

    /// <summary>Spool ids sort by the time at which their messages arrived.</summary>
    public IReadOnlyList<QueueItem> Oldest(int max) => [.. _items.Keys.OrderBy(static m => m.Value, StringComparer.Ordinal).Take(max).Select(m => Unpack(_items[m]))];

    /// <summary>The oldest matching messages with ids after a given one. The total number is counted only from the first message.</summary>
    public (IReadOnlyList<QueueItem> Items, int Count) Search(QueueFilter filter, SpoolId? after, int max)
    {
        var (items, count) = (new List<QueueItem>(), 0);
        foreach (var id in _items.Keys.Where(m => after is not { } last || string.CompareOrdinal(m.Value, last.Value) > 0).OrderBy(static m => m.Value, StringComparer.Ordinal))
        {
            if (items.Count >= max && (after is not null || filter.IsEverything)) break;
            var item = Unpack(_items[id]);
            if (!filter.Matches(item)) continue;
            count++;
            if (items.Count < max) items.Add(item);
        }

        return (items, after is null && filter.IsEverything ? _items.Count : count);
    }

    public IReadOnlyCollection<SpoolId> Messages => _items.Keys;

    public bool Contains(SpoolId message) => _items.ContainsKey(message);

    /// <summary>True if the message was queued and finished not long ago. Only known of messages that follow from others, which a mailbox may queue twice.</summary>
    public bool WasFinished(SpoolId message) => _finished.Contains(message);

    public QueueItem? Find(SpoolId message) => _items.TryGetValue(message, out var packed) ? Unpack(packed) : null;

    public void Restore(QueueSnapshot snapshot)
    {
        _items.EnsureCapacity(snapshot.Items.Count);
        foreach (var packed in snapshot.Items) _items[IdOf(packed)] = packed;
    }

    public QueueSnapshot Snapshot() => new([.. _items.Values]);

    /// <summary>Returns the item after the event, even if it is now finished and removed; null when it was not queued.</summary>
    public QueueItem? Apply(QueueEvent happened)
    {
        if (happened is QueueEvent.Queued queued) return Keep(queued.Item);
        if (Find(happened.Message) is not { } before) return null;
        var item = happened switch
        {
            QueueEvent.Attempted attempted => After(before, attempted),
            QueueEvent.NoticeSent noticed => Change(before, noticed.Recipients, static r => r.State == RecipientState.Waiting ? r with { DelayNotified = true } : r with { DsnPending = false }),
            QueueEvent.Rescheduled rescheduled => Reschedule(before, rescheduled),
            _ => before,
        };
        if (happened is not QueueEvent.Deleted && !item.IsFinished) return Keep(item);
        _items.Remove(item.Message);
        if (item.Message.IsDerived) RememberFinished(item.Message);
        return item;
    }

    internal static byte[] Pack(QueueItem item)
    {
        using var writer = new QueueWriter();
        writer.Write(item);
        return writer.ToArray();
    }

    internal static QueueItem Unpack(byte[] packed)
    {
        using var reader = new QueueReader(packed);
        return reader.ReadItem();
    }

    private void RememberFinished(SpoolId message)
    {
        if (!_finished.Add(message)) return;
        _finishedInOrder.Enqueue(message);
        if (_finishedInOrder.Count > Remembered) _finished.Remove(_finishedInOrder.Dequeue());
    }

    private static SpoolId IdOf(byte[] packed)
    {
        using var reader = new QueueReader(packed);
        return reader.ReadSpoolId();
    }

    private QueueItem Keep(QueueItem item)
    {
        _items[item.Message] = Pack(item);
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
                DsnPending = result.NoticeDue,
                LastAttempt = new DeliveryAttempt(attempted.At, attempted.Host, attempted.Tls, result.Reply),
            };
        }

        return item with { Recipients = recipients };
    }

    private static QueueItem Reschedule(QueueItem item, QueueEvent.Rescheduled rescheduled) =>
        Change(item, Enumerable.Range(0, item.Recipients.Count), r => r with { NextAttempt = rescheduled.Next }) with { IsHeld = rescheduled.Held };

    private static QueueItem Change(QueueItem item, IEnumerable<int> indexes, Func<QueueRecipient, QueueRecipient> change)
    {
        var recipients = item.Recipients.ToArray();
        foreach (var index in indexes) recipients[index] = change(recipients[index]);
        return item with { Recipients = recipients };
    }
}
