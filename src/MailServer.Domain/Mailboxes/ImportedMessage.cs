using MailServer.Domain.Messages;

namespace MailServer.Domain.Mailboxes;

/// <summary>A message from elsewhere that is to be filed in a mailbox.</summary>
/// <param name="Id">Made from its content and place, so that importing it again changes nothing.</param>
/// <param name="Folder">Where; made when missing.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Date">Its internal date.</param>
public sealed record ImportedMessage(SpoolId Id, FolderName Folder, MessageFlags Flags, DateTimeOffset Date);
