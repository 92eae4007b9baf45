using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.MailboxIndex;

/// <summary>A message of a folder that need not be loaded.</summary>
/// <param name="Uid">The UID.</param>
/// <param name="Size">The size in octets.</param>
/// <param name="Base">The base of its file name.</param>
/// <param name="Named">The letters in the file name if they do not match the flags; otherwise null.</param>
/// <param name="Flags">The flags.</param>
internal readonly record struct StoredMessage(uint Uid, long Size, string Base, string? Named, MessageFlags Flags);
