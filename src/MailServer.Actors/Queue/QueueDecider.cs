using MailServer.Domain;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Domain.Timing;

namespace MailServer.Actors.Queue;

/// <summary>
/// Decides what a command does to the messages of a partition: the event to record, and the answer. Pure: the partition's actor makes the event durable,
/// then applies it and sends the answer.
/// </summary>
/// <param name="state">The messages of the partition.</param>
/// <param name="limits">Bounds of the queue and of the stored replies.</param>
/// <param name="schedule">When deferred recipients are tried again.</param>
internal sealed class QueueDecider(QueueState state, Limits limits, RetrySchedule schedule)
{
    internal static readonly SmtpReply ContentLost = new(554, "5.3.0", "The content of the message was lost on this server");

    // Wait until one of the many destinations in use is idle.
    private static readonly TimeSpan Crowded = TimeSpan.FromSeconds(5);

    private static readonly QueueDecision Nothing = new(null);

    public QueueDecision Process(QueueProtocol.Enqueue command)
    {
        var message = command.Item.Message;
        if (state.Contains(message) || state.WasFinished(message)) return new QueueDecision(null, new QueueProtocol.Enqueued(message, true));
        return state.Count >= limits.QueuedMessages / QueueActor.Partitions
            ? new QueueDecision(null, new QueueProtocol.Enqueued(message, false))
            : new QueueDecision(new QueueEvent.Queued(command.Item), new QueueProtocol.Enqueued(message, true));
    }

    public QueueDecision Process(QueueProtocol.Change command, DateTimeOffset now)
    {
        if (state.Find(command.Message) is not { } item) return new QueueDecision(null, new QueueProtocol.Changed(QueueChangeOutcome.NotQueued, 0));
        var answer = new QueueProtocol.Changed(QueueChangeRule.OutcomeOf(command.What, item), QueueChangeRule.WaitingRecipients(item));
        // A retry without waiting recipients still brings forward the notices to the sender.
        if (answer.Outcome is not (QueueChangeOutcome.Changed or QueueChangeOutcome.NothingWaits)) return new QueueDecision(null, answer);
        QueueEvent happened = command.What == QueueChange.Delete
            ? new QueueEvent.Deleted(item.Message)
            : new QueueEvent.Rescheduled(item.Message, now, Held: command.What == QueueChange.Hold);
        return new QueueDecision(happened, answer);
    }

    /// <summary>Replies for recipients that are no longer waiting are ignored.</summary>
    public QueueDecision Process(DestinationProtocol.Result result, DateTimeOffset now)
    {
        if (state.Find(result.Message) is not { } item) return Nothing;
        AttemptResult[] results =
        [
            .. result.Replies
                .Where(r => item.Recipients[r.Recipient].State == RecipientState.Waiting)
                .Select(r => Classify(item, r.Recipient, r.Reply, now, result.DsnPassedOn, result.DeadlinePassedOn)),
        ];
        return results.Length == 0 ? Nothing : new QueueDecision(new QueueEvent.Attempted(item.Message, now, result.Host, result.Tls, results));
    }

    public QueueDecision Process(NoticeProtocol.NoticeFinished done) =>
        done.Sent && state.Contains(done.Message) ? new QueueDecision(new QueueEvent.NoticeSent(done.Message, done.Recipients)) : Nothing;

    /// <summary>The content of the message is missing, so nothing can be sent to the recipients that are still waiting.</summary>
    public QueueDecision GiveUp(SpoolId message, DateTimeOffset now)
    {
        if (state.Find(message) is not { } item) return Nothing;
        return Fail(item, Enumerable.Range(0, item.Recipients.Count).Where(i => item.Recipients[i].State == RecipientState.Waiting), ContentLost, now);
    }

    /// <summary>Returns recipients whose deadline has passed (RFC 2852 §4.1.3).</summary>
    public QueueDecision ReturnLate(QueueItem item, IEnumerable<int> recipients, DateTimeOffset now) => Fail(item, recipients, AttemptClassifier.TooLate, now);

    /// <summary>When to check the message again; null when a pending result will trigger that.</summary>
    /// <param name="item">The message.</param>
    /// <param name="planned">The next attempt of a recipient that no destination is handling.</param>
    /// <param name="isCrowded">Too many destinations are in use to dispatch all recipients.</param>
    /// <param name="now">The current time.</param>
    public DateTimeOffset? NextCheck(QueueItem item, DateTimeOffset? planned, bool isCrowded, DateTimeOffset now)
    {
        // Times that a wrong clock set years ahead are handled at the next check.
        DateTimeOffset? next = isCrowded ? now + Crowded : planned is { } at ? StoredTime.Bound(at, now, schedule.LongestWait(item)) : null;
        return item.DeliverBy is { } by && by.Deadline > now && (next is null || by.Deadline < next) ? by.Deadline : next;
    }

    private QueueDecision Fail(QueueItem item, IEnumerable<int> recipients, SmtpReply reply, DateTimeOffset now)
    {
        AttemptResult[] results = [.. recipients.Select(i => Classify(item, i, reply, now))];
        return results.Length == 0 ? Nothing : new QueueDecision(new QueueEvent.Attempted(item.Message, now, "", "", results));
    }

    private AttemptResult Classify(QueueItem item, int recipient, SmtpReply reply, DateTimeOffset now, bool dsnPassedOn = false, bool deadlinePassedOn = false) =>
        AttemptClassifier.Classify(schedule, limits.RemoteReply, item, recipient, reply, now, dsnPassedOn, deadlinePassedOn);
}

/// <summary>The result of a command.</summary>
/// <param name="Event">The event to record; null: nothing changes.</param>
/// <param name="Answer">The answer to the sender, after the event is durable; null: none.</param>
internal sealed record QueueDecision(QueueEvent? Event, object? Answer = null);
