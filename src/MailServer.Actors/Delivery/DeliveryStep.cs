using MailServer.Domain.Accounts;
using MailServer.Domain.Delivery;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Delivery;

/// <summary>A step that a <see cref="DeliveryPlan"/> wants performed.</summary>
internal abstract record DeliveryStep
{
    private DeliveryStep()
    {
    }

    /// <summary>Link the message into a mailbox.</summary>
    public sealed record DeliverTo(AccountId Account, FolderName Folder) : DeliveryStep;

    /// <summary>Write the envelope, if there is none yet, and give the message to the queue.</summary>
    public sealed record Enqueue : DeliveryStep;

    /// <summary>Answer the client. The last step.</summary>
    /// <param name="Reply">The reply.</param>
    /// <param name="RemovesContent">The spool file, with its envelope, is no longer needed.</param>
    /// <param name="RemovesEnvelope">The queue may have the message, but the client keeps it: without an envelope it cannot be queued again.</param>
    public sealed record Finish(SmtpReply Reply, bool RemovesContent, bool RemovesEnvelope) : DeliveryStep;
}
