using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Queue;

/// <summary>What happened to a queued message; the journal is a list of these. Their wire form is <see cref="QueueSerializer"/>'s.</summary>
internal abstract record QueueEvent
{
    private QueueEvent() { }

    public abstract SpoolId Message { get; }

    /// <summary>It is ours.</summary>
    public sealed record Queued(QueueItem Item) : QueueEvent
    {
        public override SpoolId Message => Item.Message;
    }

    /// <summary>Some of its recipients were tried together.</summary>
    public sealed record Attempted(SpoolId Id, DateTimeOffset At, string Host, string Tls, IReadOnlyList<AttemptResult> Results) : QueueEvent
    {
        public override SpoolId Message => Id;
    }

    /// <summary>The sender was told (or cannot be) what became of these recipients.</summary>
    public sealed record Noticed(SpoolId Id, IReadOnlyList<int> Recipients) : QueueEvent
    {
        public override SpoolId Message => Id;
    }

    /// <summary>Those that wait are tried next at <paramref name="Next"/>, or not until released.</summary>
    public sealed record Rescheduled(SpoolId Id, DateTimeOffset Next, bool Held) : QueueEvent
    {
        public override SpoolId Message => Id;
    }

    /// <summary>Forgotten by hand.</summary>
    public sealed record Deleted(SpoolId Id) : QueueEvent
    {
        public override SpoolId Message => Id;
    }
}

/// <summary>What an attempt came to for one recipient.</summary>
/// <param name="Recipient">Its place in the item.</param>
/// <param name="State">Where it stands now.</param>
/// <param name="Reply">The last word.</param>
/// <param name="Next">When it is tried again, if it waits.</param>
/// <param name="NoticeDue">The sender must be told.</param>
internal sealed record AttemptResult(int Recipient, RecipientState State, SmtpReply Reply, DateTimeOffset Next, bool NoticeDue);

/// <summary>All messages of a partition at one moment, each in its journal's form (<see cref="QueueState"/>).</summary>
internal sealed record QueueSnapshot(IReadOnlyList<byte[]> Items);
