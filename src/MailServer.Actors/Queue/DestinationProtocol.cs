using Akka.Actor;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Queue;

/// <summary>Messages between a partition and its destinations.</summary>
internal static class DestinationProtocol
{
    /// <summary>Sends a message to some of its recipients. Answered with one or more <see cref="Result"/>.</summary>
    /// <param name="Item">The message.</param>
    /// <param name="Recipients">Indexes of the recipients in the item.</param>
    /// <param name="Force">Ignore the back-off of a failed host.</param>
    public sealed record Job(QueueItem Item, IReadOnlyList<int> Recipients, bool Force) : INoSerializationVerificationNeeded;

    /// <summary>The result of a job.</summary>
    /// <param name="Destination">The destination.</param>
    /// <param name="Message">The message.</param>
    /// <param name="Host">The host that was reached; empty if none was.</param>
    /// <param name="Tls">How the connection was secured.</param>
    /// <param name="Replies">The final reply for each of the job's recipients.</param>
    /// <param name="DsnPassedOn">The host supports DSN and is responsible for notices.</param>
    /// <param name="DeadlinePassedOn">The host supports DELIVERBY and is responsible for the deadline.</param>
    public sealed record Result(
        string Destination, SpoolId Message, string Host, string Tls, IReadOnlyList<(int Recipient, SmtpReply Reply)> Replies, bool DsnPassedOn = false, bool DeadlinePassedOn = false)
        : INoSerializationVerificationNeeded;

    /// <summary>Recipients of a job that were not tried, because their destination is paused. They wait in the partition.</summary>
    public sealed record Returned(string Destination, SpoolId Message, int Recipients) : INoSerializationVerificationNeeded;

    /// <summary>The destination has been idle and may be stopped.</summary>
    public sealed record Idle(string Destination);
}
