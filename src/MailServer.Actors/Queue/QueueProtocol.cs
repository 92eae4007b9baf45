using Akka.Actor;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Queue;

/// <summary>What is asked of the outbound queue: by the delivery workers, and by the administration at the edge.</summary>
public static class QueueProtocol
{
    /// <summary>A message about one queued message, for the partition that holds it.</summary>
    public interface IWithMessage
    {
        SpoolId Message { get; }
    }

    /// <summary>Take responsibility for a message whose content is durable in the spool. Answered with <see cref="Enqueued"/> when it is durable.</summary>
    public sealed record Enqueue(QueueItem Item) : IWithMessage, INoSerializationVerificationNeeded
    {
        public SpoolId Message => Item.Message;
    }

    /// <summary>False: the queue is full, or the journal refused.</summary>
    public sealed record Enqueued(SpoolId Message, bool Taken);

    /// <summary>The journal cannot take the message now. <paramref name="MayHaveIt"/>: it was being written, and may be there all the same.</summary>
    public sealed record Unavailable(SpoolId Message, bool MayHaveIt);

    /// <summary>Answered with the <see cref="Listed"/> of one partition, oldest first.</summary>
    public sealed record List(int Partition, int Max);

    /// <summary>
    /// The oldest messages of one partition that <paramref name="Filter"/> is about and whose id comes after <paramref name="After"/> (null: from the first on).
    /// Answered with <see cref="Listed"/>, which counts those that match, and only those it has when the search goes on from a message.
    /// </summary>
    public sealed record Search(int Partition, int Max, SpoolId? After, QueueFilter Filter);

    /// <summary><paramref name="Items"/> are at most as many as were asked for; <paramref name="Count"/> counts all.</summary>
    public sealed record Listed(IReadOnlyList<QueueItem> Items, int Count) : INoSerializationVerificationNeeded;

    /// <summary>What the administration may do to a message. Answered with <see cref="Changed"/>.</summary>
    public sealed record Change(SpoolId Message, QueueChange What) : IWithMessage;

    /// <summary>False: no such message is queued.</summary>
    public sealed record Changed(bool Found);

    /// <summary>A message as it stands. Answered with <see cref="Traced"/>.</summary>
    public sealed record Trace(SpoolId Message) : IWithMessage;

    /// <summary><paramref name="Item"/> is null when it is not queued.</summary>
    public sealed record Traced(SpoolId Message, QueueItem? Item) : INoSerializationVerificationNeeded;

    /// <summary>A partition has read its journal.</summary>
    internal sealed record Recovered(int Partition) : INoSerializationVerificationNeeded;

    /// <summary>A partition has taken over what envelopes know and an older copy of its journal did not, durably.</summary>
    internal sealed record CaughtUp(int Partition) : INoSerializationVerificationNeeded;

    /// <summary>A partition cannot read or write its journal, and stops.</summary>
    internal sealed record Failed(int Partition, string Reason) : INoSerializationVerificationNeeded;

    /// <summary>Which of these messages are not queued? Answered with <see cref="Unknown"/> by their partition when it has read its journal.</summary>
    internal sealed record Find(int Partition, IReadOnlyList<SpoolId> Messages) : INoSerializationVerificationNeeded;

    /// <summary>Of those that were asked about, <paramref name="Messages"/> are neither queued nor finished.</summary>
    internal sealed record Unknown(int Partition, IReadOnlyList<SpoolId> Messages, IReadOnlyList<SpoolId> Asked) : INoSerializationVerificationNeeded;

    /// <summary>The spool has no content for these messages: they can only be given up.</summary>
    internal sealed record ContentLost(IReadOnlyList<SpoolId> Messages) : INoSerializationVerificationNeeded;

    /// <summary>These messages were queued by a version that wrote no envelopes.</summary>
    internal sealed record WriteEnvelopes(IReadOnlyList<SpoolId> Messages) : INoSerializationVerificationNeeded;
}

/// <summary>What can be done to a queued message by hand.</summary>
public enum QueueChange
{
    /// <summary>Try it now.</summary>
    Retry,
    Hold,
    Release,

    /// <summary>Forget it without a word to anybody.</summary>
    Delete,
}

/// <summary>One message's story: what happened to it so far, and how it stands if it is queued.</summary>
public sealed record QueueStory(SpoolId Message, string? MessageId, QueueItem? Item, IReadOnlyList<TraceStep> Steps);
