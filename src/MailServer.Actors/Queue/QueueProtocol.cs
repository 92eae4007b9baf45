using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Queue;

/// <summary>Messages to the outbound queue, from the delivery workers and the admin API.</summary>
public static class QueueProtocol
{
    /// <summary>A message about one queued message, for the partition that owns it.</summary>
    public interface IWithMessage
    {
        SpoolId Message { get; }
    }

    /// <summary>A message to one partition.</summary>
    public interface IForPartition
    {
        int Partition { get; }
    }

    /// <summary>The answer that refuses a request temporarily; null when the message expects no answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="reason">Why, for a person.</param>
    /// <param name="mayHaveIt">The request was being executed and may have taken effect.</param>
    internal static object? Refusal(object request, string reason, bool mayHaveIt = false) => request switch
    {
        Enqueue enqueue => new Unavailable(enqueue.Message, mayHaveIt),
        List or Search or GetMessage or Change => new Status.Failure(new QueueUnavailableException(reason)),
        _ => null,
    };

    /// <summary>Accepts a message whose content is durable in the spool. Answered with <see cref="Enqueued"/> when it is durable in the queue.</summary>
    public sealed record Enqueue(QueueItem Item) : IWithMessage, ITrackedRequest, INoSerializationVerificationNeeded
    {
        RequestRule ITrackedRequest.Rule => RequestRules.Enqueue;

        public SpoolId Message => Item.Message;
    }

    /// <summary><paramref name="Taken"/> is false when the queue is full or the journal rejected the event.</summary>
    public sealed record Enqueued(SpoolId Message, bool Taken);

    /// <summary>The journal is unavailable. With <paramref name="MayHaveIt"/> the message was being written and may have been stored.</summary>
    public sealed record Unavailable(SpoolId Message, bool MayHaveIt);

    /// <summary>Lists the oldest messages of one partition. Answered with <see cref="Listed"/>.</summary>
    public sealed record List(int Partition, int Max) : IForPartition, ITrackedRequest
    {
        RequestRule ITrackedRequest.Rule => RequestRules.ReadQueue;
    }

    /// <summary>
    /// Searches one partition for the oldest messages that match <paramref name="Filter"/>, with ids after <paramref name="After"/> (null: from the first).
    /// Answered with <see cref="Listed"/>, whose count covers all matches on the first page and only the returned messages on later ones.
    /// </summary>
    public sealed record Search(int Partition, int Max, SpoolId? After, QueueFilter Filter) : IForPartition, ITrackedRequest
    {
        RequestRule ITrackedRequest.Rule => RequestRules.ReadQueue;
    }

    /// <summary>At most as many <paramref name="Items"/> as requested; <paramref name="Count"/> is the total.</summary>
    public sealed record Listed(IReadOnlyList<QueueItem> Items, int Count) : INoSerializationVerificationNeeded;

    /// <summary>Applies an administrator's change to a message. Answered with <see cref="Changed"/>.</summary>
    public sealed record Change(SpoolId Message, QueueChange What) : IWithMessage, ITrackedRequest
    {
        RequestRule ITrackedRequest.Rule => RequestRules.ChangeQueue;
    }

    /// <summary>What a change did, and to how many waiting recipients.</summary>
    public sealed record Changed(QueueChangeOutcome Outcome, int Recipients);

    /// <summary>Requests the current state of a message. Answered with <see cref="MessageFound"/>.</summary>
    public sealed record GetMessage(SpoolId Message) : IWithMessage, ITrackedRequest
    {
        RequestRule ITrackedRequest.Rule => RequestRules.ReadQueue;
    }

    /// <summary><paramref name="Item"/> is null when the message is not queued.</summary>
    public sealed record MessageFound(SpoolId Message, QueueItem? Item) : INoSerializationVerificationNeeded;

    /// <summary>A partition has read its journal.</summary>
    internal sealed record PartitionRecovered(int Partition) : INoSerializationVerificationNeeded;

    /// <summary>A partition has durably applied the changes from the envelopes that an older copy of its journal lacks.</summary>
    internal sealed record EnvelopesApplied(int Partition) : INoSerializationVerificationNeeded;

    /// <summary>A partition cannot read or write its journal, and stops.</summary>
    internal sealed record PartitionFailed(int Partition, string Reason) : INoSerializationVerificationNeeded;

    /// <summary>Asks which of these messages are not queued. The partition answers with <see cref="UnknownMessages"/> when it has read its journal.</summary>
    internal sealed record FindUnknown(int Partition, IReadOnlyList<SpoolId> Messages) : IForPartition, ITrackedRequest, INoSerializationVerificationNeeded
    {
        RequestRule ITrackedRequest.Rule => RequestRules.ReadQueue;
    }

    /// <summary>The messages in <paramref name="Messages"/>, a subset of <paramref name="Asked"/>, are neither queued nor finished.</summary>
    internal sealed record UnknownMessages(int Partition, IReadOnlyList<SpoolId> Messages, IReadOnlyList<SpoolId> Asked) : INoSerializationVerificationNeeded;

    /// <summary>Destinations were paused or resumed: every message is looked at again.</summary>
    internal sealed record PausesChanged : INoSerializationVerificationNeeded
    {
        public static PausesChanged Instance { get; } = new();
    }

    /// <summary>The spool has no content for these messages, so they must be given up.</summary>
    internal sealed record ContentLost(IReadOnlyList<SpoolId> Messages) : INoSerializationVerificationNeeded;

    /// <summary>These messages were queued by a version that wrote no envelopes.</summary>
    internal sealed record WriteEnvelopes(IReadOnlyList<SpoolId> Messages) : INoSerializationVerificationNeeded;
}

/// <summary>Changes that an administrator can make to a queued message.</summary>
public enum QueueChange
{
    /// <summary>Try it now.</summary>
    Retry,
    Hold,
    Release,

    /// <summary>Delete it without notifying anyone.</summary>
    Delete,
}

/// <summary>What a <see cref="QueueChange"/> did to a message.</summary>
public enum QueueChangeOutcome
{
    /// <summary>No such message is queued.</summary>
    NotQueued,

    /// <summary>The change was made.</summary>
    Changed,

    /// <summary>Not retried or not held again: the message is held already. Only a release lets it go.</summary>
    Held,

    /// <summary>Not released: the message is not held.</summary>
    NotHeld,

    /// <summary>No recipient waits any more; only notices to the sender are outstanding.</summary>
    NothingWaits,

    /// <summary>Not retried: its destinations are paused. It never travels between nodes.</summary>
    Paused,
}

/// <summary>The result of a change to several messages. <paramref name="Unchanged"/> counts those to which it did not apply, <paramref name="Paused"/> those of them whose destinations are paused.</summary>
public readonly record struct QueueChangeSummary(int Messages, int Recipients, int Unchanged, int Paused);

/// <summary>The size of the queue.</summary>
/// <param name="Messages">The number of messages in the parts that answered.</param>
/// <param name="OldestAt">When the oldest of them was queued; null if there is none.</param>
/// <param name="Unavailable">The number of parts that did not answer, whose messages are not counted.</param>
/// <param name="Parts">The number of parts of the queue.</param>
public readonly record struct QueueSummary(int Messages, DateTimeOffset? OldestAt, int Unavailable, int Parts);

/// <summary>The history of one message, and its current state if it is queued.</summary>
public sealed record MessageHistory(SpoolId Message, string? MessageId, QueueItem? Item, IReadOnlyList<TraceStep> Steps);
