using MailServer.Domain.Delivery;

namespace MailServer.Actors.Queue;

/// <summary>Classifies a reply for a recipient as delivered, failed or deferred, and decides whether the sender gets a notice.</summary>
internal static class AttemptClassifier
{
    /// <summary>RFC 2852 §4.1.3: with by-mode R the message is returned.</summary>
    public static readonly SmtpReply TooLate = new(554, "5.4.7", "The message could not be delivered before the deadline set by its sender");

    public static AttemptResult Classify(
        RetrySchedule schedule, int longestText, QueueItem item, int index, SmtpReply reply, DateTimeOffset now, bool dsnPassedOn, bool deadlinePassedOn)
    {
        var recipient = item.Recipients[index];
        if (reply.Text.Length > longestText) reply = reply with { Text = reply.Text[..longestText] };
        if (reply.IsPositive)
        {
            var wanted = (!dsnPassedOn && recipient.Notify.HasFlag(DsnNotify.Success)) || (recipient.Notify != DsnNotify.Never && TellsOfDeadline(item, recipient, deadlinePassedOn));
            return new AttemptResult(index, RecipientState.Delivered, reply, now, item.Sender is not null && wanted);
        }

        var next = reply.IsTransient ? schedule.Next(item.StartsAt, now, recipient.Attempts + 1, Random.Shared.NextDouble()) : null;
        return next is { } later
            ? new AttemptResult(index, RecipientState.Waiting, reply, later, false)
            : new AttemptResult(index, RecipientState.Failed, reply, now, item.Sender is not null && recipient.Notify.HasFlag(DsnNotify.Failure));
    }

    // With trace, every hop sends a notice. A sender who set a deadline gets a notice when the next host does not support it (RFC 2852 §4.1.4).
    private static bool TellsOfDeadline(QueueItem item, QueueRecipient recipient, bool passedOn) =>
        item.DeliverBy is { } by && (by.Trace || (!passedOn && recipient.Mailbox is null));

    /// <summary>The deadline has passed and the message must be returned.</summary>
    public static bool IsTooLate(QueueItem item, DateTimeOffset now) => item.DeliverBy is { Return: true } by && by.Deadline <= now;
}
