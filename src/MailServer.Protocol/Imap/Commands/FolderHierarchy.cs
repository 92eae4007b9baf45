using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>A name in a LIST response. A name that is only a parent of folders and not a folder itself is not selectable.</summary>
internal readonly record struct ListedFolder(FolderName Name, FolderRole Role, bool IsFolder, bool HasChildren)
{
    /// <summary><c>* LIST (attributes) "/" name</c>.</summary>
    public void Write(ref ImapWriter writer, ReadOnlySpan<byte> response)
    {
        writer.Write("* "u8);
        writer.Write(response);
        writer.Write(IsFolder ? " ("u8 : " (\\Noselect "u8);
        writer.Write(HasChildren ? "\\HasChildren"u8 : "\\HasNoChildren"u8); // RFC 3348
        writer.Write(RoleName(Role));
        writer.Write(") \"/\" "u8);
        writer.Mailbox(Name.Value);
        writer.EndLine();
    }

    // RFC 6154 §2
    private static ReadOnlySpan<byte> RoleName(FolderRole role) => role switch
    {
        FolderRole.Drafts => " \\Drafts"u8,
        FolderRole.Sent => " \\Sent"u8,
        FolderRole.Trash => " \\Trash"u8,
        FolderRole.Junk => " \\Junk"u8,
        FolderRole.Archive => " \\Archive"u8,
        _ => default,
    };
}

/// <summary>All folders of a mailbox and the missing parents of their names.</summary>
internal static class FolderHierarchy
{
    /// <summary>INBOX first, the others sorted by name.</summary>
    public static IEnumerable<ListedFolder> Build(IReadOnlyList<FolderInfo> folders)
    {
        var all = new Dictionary<FolderName, ListedFolder>(folders.Count);
        foreach (var folder in folders) all[folder.Name] = new ListedFolder(folder.Name, folder.Role, IsFolder: true, HasChildren: false);
        foreach (var folder in folders)
        {
            for (var above = folder.Name.Parent; above is { } parent; above = parent.Parent)
            {
                var listed = all.GetValueOrDefault(parent, new ListedFolder(parent, FolderRole.None, IsFolder: false, HasChildren: false));
                if (listed.HasChildren) break; // its ancestors are marked already
                all[parent] = listed with { HasChildren = true };
            }
        }

        return all.Values.OrderBy(f => !f.Name.IsInbox).ThenBy(f => f.Name.Value, StringComparer.Ordinal);
    }
}
