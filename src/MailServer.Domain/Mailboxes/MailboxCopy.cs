namespace MailServer.Domain.Mailboxes;

/// <summary>A mailbox as it was at one moment: every file of it, those that the asker did not have yet linked into a directory of his.</summary>
/// <param name="Files">All message files.</param>
public sealed record MailboxCopy(IReadOnlyList<CopiedMessage> Files);

/// <summary>One message file of a mailbox.</summary>
/// <param name="Path">Relative to the mailbox, with <c>/</c>.</param>
/// <param name="Key">Names the content: two files with the same key hold the same octets. Null: no promise.</param>
/// <param name="IsLinked">It lies in the asker's directory too; otherwise he has the content already.</param>
public readonly record struct CopiedMessage(string Path, string? Key, bool IsLinked);
