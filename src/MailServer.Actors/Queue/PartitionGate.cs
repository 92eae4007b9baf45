using Akka.Actor;

namespace MailServer.Actors.Queue;

/// <summary>
/// Receives messages for one partition of a single node. While the partition reads its journal, requests wait here; while it is down they are refused
/// immediately. Part of the queue's actor.
/// </summary>
internal sealed class PartitionGate(int partition)
{
    private const int MaxWaiting = 100_000;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly Queue<(object Message, IActorRef Sender)> _waiting = new();
    private TimeSpan _backoff = Shortest;

    public int Partition => partition;

    public IActorRef? Actor { get; private set; }

    /// <summary>True when the journal has been read.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Why the partition is down; null while it is running.</summary>
    public string? Fault { get; private set; }

    public void Start(IActorRef actor) => Actor = actor;

    public void Open()
    {
        (IsOpen, Fault, _backoff) = (true, null, Shortest);
        while (_waiting.TryDequeue(out var next)) Actor!.Tell(next.Message, next.Sender);
    }

    /// <summary>Refuses the waiting requests; returns the delay before the partition should be restarted.</summary>
    public TimeSpan Close(string fault)
    {
        (IsOpen, Actor, Fault) = (false, null, fault);
        while (_waiting.TryDequeue(out var next)) Refuse(next.Message, next.Sender);
        var wait = _backoff;
        _backoff = TimeSpan.FromTicks(Math.Min(Longest.Ticks, _backoff.Ticks * 2));
        return wait;
    }

    public void Pass(object message, IActorRef sender)
    {
        if (IsOpen) Actor!.Tell(message, sender);
        else if (Fault is null && _waiting.Count < MaxWaiting) _waiting.Enqueue((message, sender));
        else Refuse(message, sender);
    }

    private void Refuse(object message, IActorRef sender)
    {
        if (QueueProtocol.Refusal(message, Fault ?? "the queue is starting") is { } refusal) sender.Tell(refusal);
    }
}
