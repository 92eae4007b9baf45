using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Queue;

/// <summary>An event of a queued message; the journal is a list of events. <see cref="QueueEventCodec"/> defines their stored format.</summary>
internal abstract record QueueEvent
{
    private QueueEvent() { }

    public abstract SpoolId Message { get; }

    /// <summary>The message was accepted into the queue.</summary>
    public sealed record Queued(QueueItem Item) : QueueEvent
    {
        public override SpoolId Message => Item.Message;
    }

    /// <summary>Some recipients were tried together.</summary>
    public sealed record Attempted(SpoolId Id, DateTimeOffset At, string Host, string Tls, IReadOnlyList<AttemptResult> Results) : QueueEvent
    {
        public override SpoolId Message => Id;
    }

    /// <summary>The sender was notified about these recipients, or cannot be.</summary>
    public sealed record NoticeSent(SpoolId Id, IReadOnlyList<int> Recipients) : QueueEvent
    {
        public override SpoolId Message => Id;
    }

    /// <summary>The waiting recipients are tried next at <paramref name="Next"/>, or are held until released.</summary>
    public sealed record Rescheduled(SpoolId Id, DateTimeOffset Next, bool Held) : QueueEvent
    {
        public override SpoolId Message => Id;
    }

    /// <summary>An administrator deleted the message.</summary>
    public sealed record Deleted(SpoolId Id) : QueueEvent
    {
        public override SpoolId Message => Id;
    }
}

/// <summary>The result of a delivery attempt for one recipient.</summary>
/// <param name="Recipient">Index of the recipient in the item.</param>
/// <param name="State">New state of the recipient.</param>
/// <param name="Reply">The final reply.</param>
/// <param name="Next">Time of the next attempt, if deferred.</param>
/// <param name="NoticeDue">Whether the sender must be notified.</param>
internal sealed record AttemptResult(int Recipient, RecipientState State, SmtpReply Reply, DateTimeOffset Next, bool NoticeDue);

/// <summary>All messages of a partition at one moment, each in the journal's format (<see cref="QueueState"/>).</summary>
internal sealed record QueueSnapshot(IReadOnlyList<byte[]> Items);
