namespace MailServer.Domain.Mailboxes;

/// <summary>
/// A durable change in any folder of a mailbox, sent to every session that watches them all (<see cref="MailboxRequest.Watch"/>). A session compares it with what
/// it knows, so a missed or merged notification does no harm.
/// </summary>
/// <param name="Status">The status of a folder whose messages or flags may have changed; null if none has. <see cref="FolderStatus.Recent"/> is 0.</param>
/// <param name="Folders">All folders and subscriptions, if a folder was created, removed or renamed, or a subscription has changed; otherwise null.</param>
/// <param name="IsOwn">True if the receiver has caused the change.</param>
/// <param name="Annotations">The annotations that have changed; null if none have.</param>
public sealed record AccountChanged(FolderStatus? Status, MailboxReply.Folders? Folders, bool IsOwn, AnnotationsChanged? Annotations = null);
