using Akka.Actor;
using MailServer.Actors.Mailboxes;
using MailServer.Domain.Accounts;
using MailServer.Domain.Delivery;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Measurements;

namespace MailServer.Actors.Delivery;

/// <summary>
/// Refuses a recipient with a full mailbox before the message is sent. Only mailboxes with a quota are queried. A mailbox that does not answer soon counts
/// as having room: it checks again when the message arrives.
/// </summary>
internal sealed class QuotaGate(IDirectory directory, IActorRef mailboxes)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly MailboxRequest Question = new MailboxRequest.GetQuota();
    private static readonly SmtpReply Full = new(452, "4.2.2", "The mailbox is full, try again later");

    /// <summary>Null when the mailbox has room.</summary>
    public async ValueTask<SmtpReply?> CheckAsync(AccountId id, CancellationToken cancel)
    {
        if (await directory.FindAccountAsync(id, cancel) is not { Quota: not null }) return null;
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        soon.CancelAfter(Patience);
        try
        {
            if (await mailboxes.RequestAsync(id, Question, soon.Token) is not MailboxReply.Quota { Use.IsFull: true }) return null;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }

        ServerMetrics.QuotaRefusals.Add(1, new KeyValuePair<string, object?>("of", "recipient"));
        return Full;
    }
}
