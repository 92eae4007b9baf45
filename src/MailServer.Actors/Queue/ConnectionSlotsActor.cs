using Akka.Actor;
using MailServer.Actors.Common;

namespace MailServer.Actors.Queue;

/// <summary>
/// Bounds the outbound connections of a node (<see cref="Domain.Limits.OutboundConnections"/>). A destination requests a slot before it connects and
/// releases it when its connection is closed; requests are granted in the order of arrival. The slots of a destination that stops are free again.
/// </summary>
internal sealed class ConnectionSlotsActor(int slots) : UntypedActor
{
    public const string Name = "outbound-connections";

    private readonly Dictionary<IActorRef, int> _held = [];
    private readonly Queue<IActorRef> _waiting = new();
    private int _free = slots;

    public static Props Props(int slots) => ActorFactory.Props(() => new ConnectionSlotsActor(slots));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Request:
                Context.Watch(Sender);
                _held.TryAdd(Sender, 0);
                _waiting.Enqueue(Sender);
                GrantWaiting();
                break;
            case Release:
                if (_held.GetValueOrDefault(Sender) == 0) return;
                _held[Sender]--;
                _free++;
                GrantWaiting();
                break;
            case Terminated terminated:
                // Its requests in the queue are skipped when their turn comes.
                if (_held.Remove(terminated.ActorRef, out var held)) _free += held;
                GrantWaiting();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void GrantWaiting()
    {
        while (_free > 0 && _waiting.TryDequeue(out var next))
        {
            if (!_held.TryGetValue(next, out var held)) continue;
            _held[next] = held + 1;
            _free--;
            next.Tell(Granted.Instance);
        }
    }

    /// <summary>Requests a slot. Answered with <see cref="Granted"/> when one is free.</summary>
    public sealed record Request : INoSerializationVerificationNeeded
    {
        public static Request Instance { get; } = new();
    }

    /// <summary>The sender of a <see cref="Request"/> has a slot.</summary>
    public sealed record Granted : INoSerializationVerificationNeeded
    {
        public static Granted Instance { get; } = new();
    }

    /// <summary>Returns one slot.</summary>
    public sealed record Release : INoSerializationVerificationNeeded
    {
        public static Release Instance { get; } = new();
    }
}
