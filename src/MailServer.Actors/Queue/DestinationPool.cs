using Akka.Actor;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Queue;

/// <summary>A partition's destinations, and which recipients are with them. Part of its partition's actor.</summary>
internal sealed class DestinationPool(QueueServices services, IActorContext context)
{
    // All mail goes to one place when there is a relay host.
    private const string RelayName = "relay";

    private readonly Dictionary<string, Child> _children = [];
    private readonly HashSet<SpoolId> _forced = [];
    private int _made;

    /// <summary>The next attempt at this message goes out even to a host that has failed a moment ago.</summary>
    public void Force(SpoolId message) => _forced.Add(message);

    /// <summary>Hands over what is due and not on its way.</summary>
    public void Dispatch(QueueItem item, DateTimeOffset now)
    {
        var force = _forced.Remove(item.Message);
        if (item.Held) return;
        foreach (var group in Waiting(item).Where(i => item.Recipients[i].NextAttempt <= now).GroupBy(i => DestinationOf(item, item.Recipients[i])))
        {
            var child = ChildFor(group.Key);
            var job = new DestinationProtocol.Job(item, [.. group], force);
            child.InFlight[item.Message] = job.Recipients.Count + child.InFlight.GetValueOrDefault(item.Message);
            child.Actor.Tell(job);
        }
    }

    /// <summary>When the message is to be looked at again; null when its results will tell.</summary>
    public DateTimeOffset? NextFor(QueueItem item)
    {
        if (item.Held) return null;
        DateTimeOffset? next = null;
        foreach (var index in Waiting(item))
            if (next is null || item.Recipients[index].NextAttempt < next) next = item.Recipients[index].NextAttempt;
        return next;
    }

    public void Finished(DestinationProtocol.Result result)
    {
        if (!_children.TryGetValue(result.Destination, out var child)) return;
        var left = child.InFlight.GetValueOrDefault(result.Message) - result.Replies.Count;
        if (left > 0) child.InFlight[result.Message] = left;
        else child.InFlight.Remove(result.Message);
    }

    /// <summary>Stops a destination that has nothing to do.</summary>
    public void Release(string name)
    {
        if (!_children.TryGetValue(name, out var child) || child.InFlight.Count > 0) return;
        _children.Remove(name);
        context.Unwatch(child.Actor);
        context.Stop(child.Actor);
    }

    /// <summary>A destination has died: the messages that were with it.</summary>
    public IReadOnlyCollection<SpoolId> Lost(IActorRef actor)
    {
        if (_children.FirstOrDefault(c => c.Value.Actor.Equals(actor)) is not { Key: { } name, Value: { } child }) return [];
        _children.Remove(name);
        return child.InFlight.Keys;
    }

    private IEnumerable<int> Waiting(QueueItem item) => Enumerable.Range(0, item.Recipients.Count)
        .Where(i => item.Recipients[i].State == RecipientState.Waiting && !IsInFlight(item.Message, DestinationOf(item, item.Recipients[i]).Name));

    private bool IsInFlight(SpoolId message, string name) => _children.TryGetValue(name, out var child) && child.InFlight.ContainsKey(message);

    private Destination DestinationOf(QueueItem item, QueueRecipient recipient) =>
        new Destination(services.Options.Relay is null ? recipient.Address.Domain : RelayName, services.Options.Relay).For(item);

    private Child ChildFor(Destination destination)
    {
        if (_children.TryGetValue(destination.Name, out var child)) return child;
        var actor = context.ActorOf(DestinationActor.Props(services, destination), $"destination-{++_made}");
        context.Watch(actor);
        return _children[destination.Name] = new Child(actor);
    }

    /// <param name="actor">The destination.</param>
    private sealed class Child(IActorRef actor)
    {
        public IActorRef Actor => actor;

        /// <summary>Messages it has, and of how many recipients it has not answered.</summary>
        public Dictionary<SpoolId, int> InFlight { get; } = [];
    }
}
