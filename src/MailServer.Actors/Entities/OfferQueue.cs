using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;
using static MailServer.Actors.Entities.OfferProtocol;

namespace MailServer.Actors.Entities;

/// <summary>
/// An inbox that confirms offers as they arrive, even while its actor is busy, and hands the actor the plain requests. When the actor stops, the requests
/// that it has not executed go back to their region.
/// </summary>
internal sealed class OfferQueue(IActorRef owner) : IMessageQueue, IUnboundedDequeBasedMessageQueueSemantics
{
    /// <summary>Maximum number of offers that wait for their grant; more are ignored, and offered again.</summary>
    private const int MaxHeld = 10_000;
    private const int Remembered = 256;

    private readonly UnboundedDequeMessageQueue _queue = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Envelope> _held = [];
    private readonly HashSet<long> _granted = [];
    private readonly Queue<long> _begun = new(Remembered);

    // Requests that the actor may put back by unstashing them.
    private readonly ConditionalWeakTable<object, Offer> _taken = [];

    public bool HasMessages => _queue.HasMessages;

    public int Count => _queue.Count;

    public void Enqueue(IActorRef receiver, Envelope envelope)
    {
        switch (envelope.Message)
        {
            case Offer offer:
                if (!offer.NeedsGrant) _queue.Enqueue(receiver, envelope);
                if (!offer.NeedsGrant || TryHold(offer, envelope)) offer.Region.Tell(new Received(offer.Id), owner);
                break;
            case Grant grant:
                OnGranted(grant, receiver, envelope.Sender);
                break;
            case Withdrawn withdrawn:
                lock (_lock)
                {
                    _held.Remove(withdrawn.Id);
                    _granted.Remove(withdrawn.Id);
                }

                break;
            default:
                _queue.Enqueue(receiver, envelope);
                break;
        }
    }

    public void EnqueueFirst(Envelope envelope) => _queue.EnqueueFirst(envelope);

    public bool TryDequeue(out Envelope envelope)
    {
        while (_queue.TryDequeue(out envelope))
        {
            if (envelope.Message is not Offer offer) return true;
            if (offer.NeedsGrant && !TryBegin(offer)) continue;
            _taken.AddOrUpdate(offer.Request, offer);
            envelope = new Envelope(offer.Request, envelope.Sender);
            return true;
        }

        return false;
    }

    public void CleanUp(IActorRef stopped, IMessageQueue deadletters)
    {
        Envelope[] held;
        lock (_lock)
        {
            held = [.. _held.Values];
            _held.Clear();
        }

        foreach (var envelope in held) Return((Offer)envelope.Message, envelope.Sender);
        while (_queue.TryDequeue(out var envelope))
        {
            if (OfferOf(envelope.Message) is { } offer) Return(offer, envelope.Sender);
            else deadletters.Enqueue(stopped, envelope);
        }
    }

    private Offer? OfferOf(object message) => message as Offer ?? (_taken.TryGetValue(message, out var offer) ? offer : null);

    private void Return(Offer offer, IActorRef client) => offer.Region.Tell(new Returned(offer.Id, offer.Returns + 1, owner, offer.Request), client);

    /// <summary>False when there is no room.</summary>
    private bool TryHold(Offer offer, Envelope envelope)
    {
        lock (_lock)
        {
            if (_granted.Contains(offer.Id) || _begun.Contains(offer.Id)) return true;
            if (_held.Count >= MaxHeld) return false;
            _held[offer.Id] = envelope;
            return true;
        }
    }

    private void OnGranted(Grant grant, IActorRef receiver, IActorRef region)
    {
        Envelope envelope;
        lock (_lock)
        {
            if (!_held.Remove(grant.Id, out envelope))
            {
                // The first confirmation may have been lost.
                if (_begun.Contains(grant.Id)) region.Tell(new Begun(grant.Id), owner);
                return;
            }

            _granted.Add(grant.Id);
        }

        _queue.Enqueue(receiver, envelope);
    }

    /// <summary>False when the request was withdrawn.</summary>
    private bool TryBegin(Offer offer)
    {
        lock (_lock)
        {
            if (!_granted.Remove(offer.Id)) return false;
            if (_begun.Count == Remembered) _begun.Dequeue();
            _begun.Enqueue(offer.Id);
        }

        offer.Region.Tell(new Begun(offer.Id), owner);
        return true;
    }
}
