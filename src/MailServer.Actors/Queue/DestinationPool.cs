using Akka.Actor;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Domain.Timing;

namespace MailServer.Actors.Queue;

/// <summary>
/// The destinations of a partition and the recipients being sent to them. Part of the partition's actor. A destination has a few messages at a time; the
/// others wait here by id, ordered by priority, so that a hundred thousand due messages do not occupy memory at once.
/// </summary>
internal sealed class DestinationPool(QueueServices services, IActorContext context)
{
    private const int AtOnce = 50;
    private const int MostDestinations = 500;

    private readonly Dictionary<string, DestinationEntry> _children = [];
    private readonly HashSet<SpoolId> _forced = [];
    private int _made;

    /// <summary>The next attempt for this message is made even if the host failed a moment ago.</summary>
    public void Force(SpoolId message) => _forced.Add(message);

    /// <summary>Dispatches recipients that are due and not being sent. False when too many destinations are in use to dispatch all of them.</summary>
    public bool Dispatch(QueueItem item, DateTimeOffset now)
    {
        var force = _forced.Remove(item.Message);
        if (item.IsHeld) return true;
        var all = true;
        foreach (var group in Sendable(item).Where(i => StoredTime.IsDue(item.Recipients[i].NextAttempt, now, services.Options.Schedule.LongestWait(item))).GroupBy(i => DestinationOf(item, item.Recipients[i])))
        {
            if (ChildFor(group.Key) is not { } child)
            {
                all = false;
                continue;
            }

            if (child.InFlight.Count >= AtOnce && !force) child.Wait(item);
            else Send(child, item, [.. group], force);
        }

        return all;
    }

    /// <summary>When to check the message again; null when a pending result will trigger that.</summary>
    public DateTimeOffset? NextFor(QueueItem item)
    {
        if (item.IsHeld) return null;
        DateTimeOffset? next = null;
        foreach (var index in Sendable(item))
            if (next is null || item.Recipients[index].NextAttempt < next) next = item.Recipients[index].NextAttempt;
        return next;
    }

    /// <summary>Indexes of the waiting recipients that no destination is handling.</summary>
    public IEnumerable<int> Waiting(QueueItem item) => Enumerable.Range(0, item.Recipients.Count)
        .Where(i => item.Recipients[i].State == RecipientState.Waiting && !IsAtWork(item.Message, DestinationOf(item, item.Recipients[i]).Name));

    /// <summary>Indexes of those that are not paused.</summary>
    private IEnumerable<int> Sendable(QueueItem item) => Waiting(item).Where(i => !services.Pauses.IsPaused(item.Recipients[i]));

    /// <summary>The messages that can be dispatched now that one has finished.</summary>
    public IReadOnlyList<SpoolId> Finished(DestinationProtocol.Result result) => Finished(result.Destination, result.Message, result.Replies.Count);

    /// <summary>The messages to look at again when one has come back without an attempt: it, and those that waited behind it.</summary>
    public IReadOnlyList<SpoolId> Returned(DestinationProtocol.Returned returned) => [returned.Message, .. Finished(returned.Destination, returned.Message, returned.Recipients)];

    private List<SpoolId> Finished(string destination, SpoolId message, int recipients)
    {
        if (!_children.TryGetValue(destination, out var child)) return [];
        var left = child.InFlight.GetValueOrDefault(message) - recipients;
        if (left > 0) child.InFlight[message] = left;
        else child.InFlight.Remove(message);
        return child.TakeWaiting(AtOnce - child.InFlight.Count);
    }

    /// <summary>Stops an idle destination.</summary>
    public void Release(string name)
    {
        if (!_children.TryGetValue(name, out var child) || !child.IsIdle) return;
        _children.Remove(name);
        context.Unwatch(child.Actor);
        context.Stop(child.Actor);
    }

    /// <summary>The messages that a terminated destination was handling.</summary>
    public IReadOnlyCollection<SpoolId> Lost(IActorRef actor)
    {
        if (_children.FirstOrDefault(c => c.Value.Actor.Equals(actor)) is not { Key: { } name, Value: { } child }) return [];
        _children.Remove(name);
        return [.. child.InFlight.Keys, .. child.TakeWaiting(int.MaxValue)];
    }

    private static void Send(DestinationEntry child, QueueItem item, int[] recipients, bool force)
    {
        child.InFlight[item.Message] = recipients.Length + child.InFlight.GetValueOrDefault(item.Message);
        child.Actor.Tell(new DestinationProtocol.Job(item, recipients, force));
    }

    private bool IsAtWork(SpoolId message, string name) => _children.TryGetValue(name, out var child) && child.Has(message);

    private Destination DestinationOf(QueueItem item, QueueRecipient recipient) =>
        recipient.Mailbox is null ? services.Options.DestinationOf(recipient.Address.Domain).For(item) : Destination.Mailboxes;

    private DestinationEntry? ChildFor(Destination destination)
    {
        if (_children.TryGetValue(destination.Name, out var child)) return child;
        if (_children.Count >= MostDestinations) return null;
        var props = destination == Destination.Mailboxes ? MailboxDestinationActor.Props(services) : DestinationActor.Props(services, destination);
        var actor = context.ActorOf(props, $"destination-{++_made}");
        context.Watch(actor);
        return _children[destination.Name] = new DestinationEntry(actor);
    }

    /// <param name="actor">The destination.</param>
    private sealed class DestinationEntry(IActorRef actor)
    {
        private readonly PriorityQueue<SpoolId, (int Urgency, long Turn)> _waiting = new();
        private readonly HashSet<SpoolId> _isWaiting = [];
        private long _turns;

        public IActorRef Actor => actor;

        public bool IsIdle => InFlight.Count == 0 && _isWaiting.Count == 0;

        /// <summary>The messages being sent, with the number of recipients not answered yet.</summary>
        public Dictionary<SpoolId, int> InFlight { get; } = [];

        public bool Has(SpoolId message) => InFlight.ContainsKey(message) || _isWaiting.Contains(message);

        public void Wait(QueueItem item)
        {
            if (_isWaiting.Add(item.Message)) _waiting.Enqueue(item.Message, (-item.Priority, ++_turns));
        }

        public List<SpoolId> TakeWaiting(int most)
        {
            if (_isWaiting.Count == 0 || most <= 0) return [];
            var taken = new List<SpoolId>();
            while (taken.Count < most && _waiting.TryDequeue(out var message, out _)) taken.Add(message);
            _isWaiting.ExceptWith(taken);
            return taken;
        }
    }
}
