using System.Diagnostics.CodeAnalysis;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;

namespace MailServer.Protocol.Imap.Names;

/// <summary>The owner of a mailbox as folder names give it.</summary>
/// <param name="Address">The address of the account.</param>
/// <param name="IsShared">True for a shared mailbox, false for a user's.</param>
public sealed record MailboxOwner(EmailAddress Address, bool IsShared);

/// <summary>
/// The names of folders in other mailboxes (RFC 2342): <c>Other Users/bob@example.org/INBOX</c>, <c>Shared Folders/office@example.org/INBOX</c>. Only names with an address at the second level and a folder below are such names.
/// </summary>
internal static class SharedNames
{
    /// <summary>Reads a name; false for names of own folders.</summary>
    /// <param name="name">The whole name.</param>
    /// <param name="owner">The owner of the mailbox.</param>
    /// <param name="folder">The name of the folder there.</param>
    public static bool TryRead(FolderName name, [NotNullWhen(true)] out MailboxOwner? owner, out FolderName folder)
    {
        (owner, folder) = (null, default);
        if (!SharedNamespaces.Contains(name)) return false;
        var parts = name.Value.Split(FolderName.Separator, 3);
        if (parts.Length < 3 || !EmailAddress.TryParse(parts[1], out var address) || !FolderName.TryParse(parts[2], out folder)) return false;
        owner = new MailboxOwner(address, parts[0] == SharedNamespaces.SharedFolders);
        return true;
    }

    /// <summary>The whole name of a folder in another mailbox; null if it would be too long, or the address cannot be a level of a name.</summary>
    public static FolderName? Join(MailboxOwner owner, FolderName folder)
    {
        var text = $"{(owner.IsShared ? SharedNamespaces.SharedFolders : SharedNamespaces.OtherUsers)}/{owner.Address}/{folder.Value}";
        return FolderName.TryParse(text, out var name) && TryRead(name, out var read, out var rest) && read == owner && rest == folder ? name : null;
    }
}
