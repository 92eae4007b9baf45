namespace MailServer.Domain.Mailboxes;

/// <summary>The special use of a folder (RFC 6154 §2).</summary>
public enum FolderRole
{
    None,
    Drafts,
    Sent,
    Trash,
    Junk,
    Archive,
}

/// <summary>The folders that are created with every account.</summary>
public static class DefaultFolders
{
    public static IReadOnlyList<(FolderName Name, FolderRole Role)> All { get; } =
    [
        (FolderName.Inbox, FolderRole.None),
        (FolderName.Parse("Sent"), FolderRole.Sent),
        (FolderName.Parse("Drafts"), FolderRole.Drafts),
        (FolderName.Parse("Trash"), FolderRole.Trash),
        (FolderName.Parse("Junk"), FolderRole.Junk),
        (FolderName.Parse("Archive"), FolderRole.Archive),
    ];
}
