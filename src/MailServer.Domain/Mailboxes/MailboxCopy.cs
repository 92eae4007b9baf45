namespace MailServer.Domain.Mailboxes;

/// <summary>A snapshot of a mailbox for a backup. Files that the backup does not have yet are linked into its staging directory.</summary>
/// <param name="Files">All message files.</param>
public sealed record MailboxCopy(IReadOnlyList<CopiedMessage> Files)
{
    /// <summary>What could not be copied, or is damaged: a sentence for each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>A message file of a mailbox snapshot.</summary>
/// <param name="Path">Path relative to the mailbox, with <c>/</c>.</param>
/// <param name="Key">Identifies the content: files with the same key have the same octets. Null if the content is not identified.</param>
/// <param name="IsLinked">True if the file was linked into the staging directory; false if the backup already has its content.</param>
public readonly record struct CopiedMessage(string Path, string? Key, bool IsLinked);
