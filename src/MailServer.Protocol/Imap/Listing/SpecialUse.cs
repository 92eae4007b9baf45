using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Listing;

/// <summary>Special-use attributes (RFC 6154 §2).</summary>
internal static class SpecialUse
{
    public static ReadOnlySpan<byte> NameOf(FolderRole role) => role switch
    {
        FolderRole.Drafts => "\\Drafts"u8,
        FolderRole.Sent => "\\Sent"u8,
        FolderRole.Trash => "\\Trash"u8,
        FolderRole.Junk => "\\Junk"u8,
        FolderRole.Archive => "\\Archive"u8,
        _ => default,
    };

    /// <summary>Reads <c>USE (\Drafts)</c> (RFC 6154 §6).</summary>
    /// <param name="reader">The command.</param>
    /// <param name="role">The use; null when a folder cannot have it: one that is not supported, or several.</param>
    public static bool Read(ref ImapReader reader, out FolderRole? role)
    {
        role = FolderRole.None;
        if (!reader.TryReadWord("USE ("u8)) return false;
        if (reader.TryRead((byte)')')) return true;
        var count = 0;
        do
        {
            if (!ReadAttribute(ref reader, out role)) return false;
            count++;
        }
        while (reader.ReadSpace());
        if (count > 1) role = null;
        return reader.TryRead((byte)')');
    }

    private static bool ReadAttribute(ref ImapReader reader, out FolderRole? role)
    {
        role = null;
        if (!reader.TryRead((byte)'\\') || !reader.ReadAtom(out var name)) return false;
        foreach (var candidate in Enum.GetValues<FolderRole>())
            if (NameOf(candidate) is [_, .. var known] && System.Text.Ascii.EqualsIgnoreCase(known, name)) role = candidate;
        return true;
    }
}
