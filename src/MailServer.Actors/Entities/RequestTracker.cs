using Akka.Actor;
using static MailServer.Actors.Entities.OfferProtocol;

namespace MailServer.Actors.Entities;

/// <summary>
/// Tracks the requests that a node has sent to the actors of a cluster until they arrive, so that none vanishes while its actor moves, stops, or loses its
/// node. A request that is not confirmed is offered again every second, and refused after <see cref="LostAfter"/>. A refused request is not executed later,
/// except when it was granted to a node that was then lost. Long work is not affected: the inbox confirms a request before the actor has time for it.
/// <para>Part of the actor that is the entry to a region.</para>
/// </summary>
internal sealed class RequestTracker
{
    /// <summary>Maximum number of unconfirmed requests; more are refused.</summary>
    public const int MaxPending = 100_000;

    /// <summary>How often unconfirmed requests are offered again.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Longer than the other node takes to replace a lost one (ten seconds) or to take over its accounts (15 seconds).</summary>
    public static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(20);

    /// <summary>After so many actors stopped without executing a request, the next one probably will too.</summary>
    private const int MaxReturns = 5;

    private readonly IActorRef _region;
    private readonly TimeProvider _time;
    private readonly Func<object, object?> _refusal;
    private readonly Action<object, object, IActorRef> _send;
    private readonly Func<bool> _isSupported;
    private readonly Dictionary<long, Pending> _pending = [];
    private readonly Dictionary<long, Executing> _executing = [];

    // Ids of different nodes and processes must not collide.
    private long _lastId = Random.Shared.NextInt64(long.MaxValue / 2);

    /// <param name="region">The actor that owns the tracker.</param>
    /// <param name="time">The clock.</param>
    /// <param name="refusal">The answer that refuses a request temporarily; null when the request expects no answer.</param>
    /// <param name="send">Sends a message (second argument) to the actor of a request (first argument) on behalf of a sender.</param>
    /// <param name="isSupported">False while a node of an older version, which does not understand offers, is in the cluster.</param>
    public RequestTracker(IActorRef region, TimeProvider time, Func<object, object?> refusal, Action<object, object, IActorRef> send, Func<bool> isSupported) =>
        (_region, _time, _refusal, _send, _isSupported) = (region, time, refusal, send, isSupported);

    public void Send(object request, IActorRef client) => Send(request, client, returns: 0);

    /// <summary>Handles a message about offers; false for other messages.</summary>
    public bool OnMessage(object message, IActorRef sender)
    {
        switch (message)
        {
            case Received received:
                OnReceived(received.Id, sender);
                return true;
            case Begun begun:
                if (_pending.Remove(begun.Id, out var found)) NoteExecuting(found, sender);
                return true;
            case Returned returned:
                OnReturned(returned, sender);
                return true;
            case Abandoned:
                foreach (var pending in _pending.Values.Where(p => p.Client.Equals(sender)).ToArray()) Withdraw(pending);
                return true;
            case OfferTick:
                Check();
                return true;
            default:
                return false;
        }
    }

    /// <summary>Refuses the requests that only the lost node could have answered.</summary>
    public void OnNodeLost(Address node)
    {
        foreach (var pending in _pending.Values.Where(p => p.Entity?.Path.Address == node).ToArray())
        {
            // Perhaps it was executed.
            _pending.Remove(pending.Offer.Id);
            Refuse(pending.Offer.Request, pending.Client);
        }

        foreach (var (id, executing) in _executing.Where(e => e.Value.Node == node).ToArray())
        {
            _executing.Remove(id);
            Refuse(executing.Request, executing.Client);
        }
    }

    private void Send(object request, IActorRef client, int returns)
    {
        if (request is not ITrackedRequest { Rule: var rule } || !_isSupported())
        {
            _send(request, request, client);
        }
        else if (_pending.Count >= MaxPending)
        {
            Refuse(request, client);
        }
        else
        {
            var pending = new Pending(new Offer(++_lastId, !rule.Repeatable, returns, _region, request), client, _time.GetTimestamp());
            _pending.Add(pending.Offer.Id, pending);
            Offer(pending);
        }
    }

    private void OnReceived(long id, IActorRef entity)
    {
        if (!_pending.TryGetValue(id, out var pending))
        {
            entity.Tell(new Withdrawn(id), _region);
        }
        else if (!pending.Offer.NeedsGrant)
        {
            _pending.Remove(id);
            NoteExecuting(pending, entity);
        }
        else if (pending.Entity is { } other && !other.Equals(entity))
        {
            entity.Tell(new Withdrawn(id), _region);
        }
        else
        {
            pending.Entity = entity;
            entity.Tell(new Grant(id), _region);
        }
    }

    private void OnReturned(Returned returned, IActorRef client)
    {
        _executing.Remove(returned.Id);
        if (_pending.TryGetValue(returned.Id, out var pending))
        {
            if (pending.Entity is { } other && !other.Equals(returned.Entity)) return;
            pending.Entity = null;
            // Later ones with the next reminder.
            if (!pending.IsReturned) Offer(pending);
            pending.IsReturned = true;
        }
        else if (returned is { Request: ITrackedRequest { Rule.Repeatable: true }, Returns: <= MaxReturns })
        {
            Send(returned.Request, client, returned.Returns);
        }
        else
        {
            Refuse(returned.Request, client);
        }
    }

    private void Check()
    {
        foreach (var pending in _pending.Values.ToArray())
        {
            var age = _time.GetElapsedTime(pending.Since);
            if (pending.Entity is { } entity)
            {
                // It may wait in the inbox of a busy actor, until its client gives up.
                if (age > pending.Answer) Withdraw(pending);
                else entity.Tell(new Grant(pending.Offer.Id), _region);
            }
            else if (age > LostAfter)
            {
                _pending.Remove(pending.Offer.Id);
                Refuse(pending.Offer.Request, pending.Client);
            }
            else if (_time.GetElapsedTime(pending.OfferedAt) >= Interval)
            {
                Offer(pending);
            }
        }

        foreach (var (id, executing) in _executing)
            if (_time.GetElapsedTime(executing.Since) > executing.Answer) _executing.Remove(id);
    }

    private void Offer(Pending pending)
    {
        pending.OfferedAt = _time.GetTimestamp();
        _send(pending.Offer.Request, pending.Offer, pending.Client);
    }

    private void Withdraw(Pending pending)
    {
        _pending.Remove(pending.Offer.Id);
        pending.Entity?.Tell(new Withdrawn(pending.Offer.Id), _region);
    }

    /// <summary>Clients repeat what is repeatable when a node is lost, except those that wait for a task.</summary>
    private void NoteExecuting(Pending pending, IActorRef entity)
    {
        var repeats = !pending.Offer.NeedsGrant && pending.Client.Path.Elements is not ["temp", ..];
        if (!repeats && !entity.Path.Address.HasLocalScope && _executing.Count < MaxPending)
            _executing[pending.Offer.Id] = new Executing(entity.Path.Address, pending.Client, pending.Offer.Request, _time.GetTimestamp(), pending.Answer);
    }

    private void Refuse(object request, IActorRef client)
    {
        if (_refusal(request) is { } refusal) client.Tell(refusal, _region);
    }

    private sealed class Pending(Offer offer, IActorRef client, long since)
    {
        public Offer Offer => offer;

        public IActorRef Client => client;

        public long Since => since;

        public TimeSpan Answer => ((ITrackedRequest)offer.Request).Rule.Answer;

        public long OfferedAt { get; set; }

        /// <summary>An actor stopped before it executed the request.</summary>
        public bool IsReturned { get; set; }

        /// <summary>The actor that the request was granted to.</summary>
        public IActorRef? Entity { get; set; }
    }

    private sealed record Executing(Address Node, IActorRef Client, object Request, long Since, TimeSpan Answer);
}
