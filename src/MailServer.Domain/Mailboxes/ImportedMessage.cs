using MailServer.Domain.Messages;

namespace MailServer.Domain.Mailboxes;

/// <summary>A message to be imported into a mailbox.</summary>
/// <param name="Id">Derived from content and folder, so that repeating an import has no effect.</param>
/// <param name="Folder">Target folder; created if it does not exist.</param>
/// <param name="Flags">Flags of the message.</param>
/// <param name="Date">Internal date of the message.</param>
/// <param name="IsSubscribed">True to subscribe to the folder.</param>
public sealed record ImportedMessage(SpoolId Id, FolderName Folder, MessageFlags Flags, DateTimeOffset Date, bool IsSubscribed = false);
