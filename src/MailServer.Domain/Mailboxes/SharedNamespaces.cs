namespace MailServer.Domain.Mailboxes;

/// <summary>The names below which the folders of other mailboxes appear. No folder is created there, because it would be hidden by them.</summary>
public static class SharedNamespaces
{
    public const string OtherUsers = "Other Users";
    public const string SharedFolders = "Shared Folders";

    /// <summary>Whether the name is one of the two, or below.</summary>
    public static bool Contains(FolderName name) => IsAtOrBelow(name.Value, OtherUsers) || IsAtOrBelow(name.Value, SharedFolders);

    private static bool IsAtOrBelow(string name, string root) =>
        name.StartsWith(root, StringComparison.Ordinal) && (name.Length == root.Length || name[root.Length] == FolderName.Separator);
}
