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

    /// <summary>Deliver the message to a mailbox.</summary>
    /// <param name="Account">The account.</param>
    /// <param name="Folder">The folder, unless its scripts want another one.</param>
    /// <param name="SkipsScripts">The scripts have refused the message, and the sender must not be told: it is only stored.</param>
    public sealed record DeliverTo(AccountId Account, FolderName Folder, bool SkipsScripts = false) : DeliveryStep;

    /// <summary>Write the envelope, if there is none yet, and give the message to the queue.</summary>
    public sealed record Enqueue : DeliveryStep;

    /// <summary>Answer the client. The last step.</summary>
    /// <param name="Reply">The reply.</param>
    /// <param name="RemovesContent">The spool file, with its envelope, is no longer needed.</param>
    /// <param name="RemovesEnvelope">The queue may have the message, but the client keeps it: without an envelope it cannot be queued again.</param>
    public sealed record Finish(SmtpReply Reply, bool RemovesContent, bool RemovesEnvelope) : DeliveryStep;
}
