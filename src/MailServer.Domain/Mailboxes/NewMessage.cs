using MailServer.Domain.Messages;

namespace MailServer.Domain.Mailboxes;

/// <summary>A spooled message that is to be appended, with its flags and its internal date; null for the time of receipt.</summary>
public sealed record NewMessage(MessageFlags Flags, DateTimeOffset? InternalDate, SpooledMessage Message);
