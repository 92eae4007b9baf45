using MailServer.Domain.Delivery;

namespace MailServer.Actors.Queue;

/// <summary>Decides what a change does to a queued message. The partition and the dry run of a change use the same rule.</summary>
internal static class QueueChangeRule
{
    public static QueueChangeOutcome OutcomeOf(QueueChange change, QueueItem item) => change switch
    {
        QueueChange.Delete => QueueChangeOutcome.Changed,
        QueueChange.Retry when item.IsHeld => QueueChangeOutcome.Held,
        QueueChange.Retry when WaitingRecipients(item) == 0 => QueueChangeOutcome.NothingWaits,
        QueueChange.Hold when item.IsHeld => QueueChangeOutcome.Held,
        QueueChange.Release when !item.IsHeld => QueueChangeOutcome.NotHeld,
        _ => QueueChangeOutcome.Changed,
    };

    public static int WaitingRecipients(QueueItem item) => item.Recipients.Count(static r => r.State == RecipientState.Waiting);
}
