using Akka.Actor;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Queue;

/// <summary>Between a partition and its destinations.</summary>
internal static class DestinationProtocol
{
    /// <summary>Send a message to some of its recipients, named by their places. Answered with one or more <see cref="Result"/>.</summary>
    /// <param name="Item">The message.</param>
    /// <param name="Recipients">Places in the item.</param>
    /// <param name="Force">Now, even if the host has failed a moment ago.</param>
    public sealed record Job(QueueItem Item, IReadOnlyList<int> Recipients, bool Force) : INoSerializationVerificationNeeded;

    /// <summary>What became of a job.</summary>
    /// <param name="Destination">Whose.</param>
    /// <param name="Message">Of which message.</param>
    /// <param name="Host">The host that was reached; empty when none.</param>
    /// <param name="Tls">How.</param>
    /// <param name="Replies">The last word for each of the job's recipients.</param>
    /// <param name="DsnPassedOn">The host takes care of notices.</param>
    /// <param name="DeadlinePassedOn">It minds the time by which the message is to be there.</param>
    public sealed record Result(
        string Destination, SpoolId Message, string Host, string Tls, IReadOnlyList<(int Recipient, SmtpReply Reply)> Replies, bool DsnPassedOn = false, bool DeadlinePassedOn = false)
        : INoSerializationVerificationNeeded;

    /// <summary>It has had nothing to do for a while and may be stopped.</summary>
    public sealed record Idle(string Destination);
}
