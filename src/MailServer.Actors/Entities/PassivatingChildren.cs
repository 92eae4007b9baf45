using Akka.Actor;

namespace MailServer.Actors.Entities;

/// <summary>
/// The children of an actor, one per key: created at the first message for the key, stopped when idle. A child is stopped by a message, so earlier messages
/// are answered first; later messages wait for its successor. Two children therefore never serve the same key. Not thread-safe: used by one actor only.
/// </summary>
/// <param name="context">The parent.</param>
/// <param name="create">Creates a key's child.</param>
/// <param name="maxWaiting">Maximum number of messages that wait for one child to stop.</param>
internal sealed class PassivatingChildren<TKey>(IActorContext context, Func<TKey, IActorRef> create, int maxWaiting)
    where TKey : notnull
{
    private readonly Dictionary<TKey, IActorRef> _children = [];
    private readonly Dictionary<IActorRef, TKey> _keys = [];
    private readonly Dictionary<IActorRef, Queue<(object Message, IActorRef Sender)>> _stopping = [];

    public IReadOnlyCollection<TKey> Keys => _children.Keys;

    public IReadOnlyCollection<IActorRef> Actors => _children.Values;

    public bool IsStopping(TKey key) => _children.TryGetValue(key, out var child) && _stopping.ContainsKey(child);

    /// <returns>False if too many messages wait for the key's child to stop.</returns>
    public bool TryForward(TKey key, object message, IActorRef sender)
    {
        if (!_children.TryGetValue(key, out var child)) child = Add(key);
        if (!_stopping.TryGetValue(child, out var waiting)) child.Tell(message, sender);
        else if (waiting.Count < maxWaiting) waiting.Enqueue((message, sender));
        else return false;
        return true;
    }

    /// <summary>Stops the child of a key, if there is one.</summary>
    public void Stop(TKey key)
    {
        if (_children.TryGetValue(key, out var child)) Stop(child);
    }

    /// <summary>Stops a child; does nothing for other actors and for children that are already stopping.</summary>
    public void Stop(IActorRef child)
    {
        if (_keys.ContainsKey(child) && _stopping.TryAdd(child, [])) child.Tell(StopEntity.Instance);
    }

    /// <summary>Removes a stopped child.</summary>
    /// <returns>The messages that waited for it; null if the actor was not a child.</returns>
    public IReadOnlyCollection<(object Message, IActorRef Sender)>? Remove(IActorRef child)
    {
        if (!_keys.Remove(child, out var key)) return null;
        _children.Remove(key);
        return _stopping.Remove(child, out var waiting) ? waiting : [];
    }

    private IActorRef Add(TKey key)
    {
        var child = context.Watch(create(key));
        _children.Add(key, child);
        _keys.Add(child, key);
        return child;
    }
}
