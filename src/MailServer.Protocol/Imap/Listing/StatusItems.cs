using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Listing;

/// <summary>The data items of STATUS (RFC 3501 §6.3.10, RFC 9208 §4.1.4, RFC 8438, RFC 7889, RFC 7162 §3.1.7).</summary>
internal enum StatusItem
{
    Messages,
    Recent,
    UidNext,
    UidValidity,
    Unseen,

    /// <summary>Must come before <see cref="Deleted"/>, which is a prefix of its name.</summary>
    DeletedStorage,
    Deleted,
    Size,
    AppendLimit,
    HighestModSeq,

    /// <summary>RFC 8474 §4.3.</summary>
    MailboxId,
}

/// <summary>Reads lists of STATUS items, and writes STATUS responses.</summary>
internal static class StatusItems
{
    /// <summary>One or more items in parentheses; repeated ones count once.</summary>
    public static bool Read(ref ImapReader reader, out IReadOnlyList<StatusItem> items)
    {
        var read = new List<StatusItem>();
        items = read;
        if (!reader.TryRead((byte)'(')) return false;
        do
        {
            if (!ReadItem(ref reader, out var item)) return false;
            if (!read.Contains(item)) read.Add(item);
        }
        while (reader.ReadSpace());
        return reader.TryRead((byte)')');
    }

    /// <summary>The request for these items.</summary>
    public static MailboxRequest Request(FolderName folder, IReadOnlyList<StatusItem> items) => new MailboxRequest.GetStatus(folder, items.Contains(StatusItem.DeletedStorage));

    /// <summary><c>* STATUS name (items)</c>.</summary>
    /// <param name="writer">The output.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="status">Its status.</param>
    /// <param name="items">The requested items.</param>
    /// <param name="appendLimit">The largest message that APPEND accepts, in octets.</param>
    /// <param name="isUtf8">The client has enabled names in UTF-8.</param>
    public static void Write(ref ImapWriter writer, FolderName folder, FolderStatus status, IReadOnlyList<StatusItem> items, long appendLimit, bool isUtf8)
    {
        writer.Write("* STATUS "u8);
        writer.Mailbox(folder.Value, isUtf8);
        for (var at = 0; at < items.Count; at++)
        {
            writer.Write(at == 0 ? " ("u8 : " "u8);
            writer.Write(NameOf(items[at]));
            writer.Write((byte)' ');
            if (items[at] == StatusItem.MailboxId)
            {
                writer.Write((byte)'(');
                writer.Write(ObjectIds.Of(status.Id, status.UidValidity, folder));
                writer.Write((byte)')');
                continue;
            }

            writer.Write(items[at] switch
            {
                StatusItem.Messages => status.Messages,
                StatusItem.Recent => status.Recent,
                StatusItem.UidNext => status.UidNext,
                StatusItem.UidValidity => status.UidValidity.Value,
                StatusItem.DeletedStorage => status.DeletedSize,
                StatusItem.Deleted => status.Deleted,
                StatusItem.Size => status.Size,
                StatusItem.AppendLimit => appendLimit,
                StatusItem.HighestModSeq => status.HighestModSeq.Value,
                _ => (long)status.Unseen,
            });
        }

        writer.Write(")\r\n"u8);
    }

    private static bool ReadItem(ref ImapReader reader, out StatusItem item)
    {
        foreach (var candidate in Enum.GetValues<StatusItem>())
        {
            item = candidate;
            if (reader.TryReadWord(NameOf(candidate))) return true;
        }

        item = default;
        return false;
    }

    private static ReadOnlySpan<byte> NameOf(StatusItem item) => item switch
    {
        StatusItem.Messages => "MESSAGES"u8,
        StatusItem.Recent => "RECENT"u8,
        StatusItem.UidNext => "UIDNEXT"u8,
        StatusItem.UidValidity => "UIDVALIDITY"u8,
        StatusItem.DeletedStorage => "DELETED-STORAGE"u8,
        StatusItem.Deleted => "DELETED"u8,
        StatusItem.Size => "SIZE"u8,
        StatusItem.AppendLimit => "APPENDLIMIT"u8,
        StatusItem.HighestModSeq => "HIGHESTMODSEQ"u8,
        StatusItem.MailboxId => "MAILBOXID"u8,
        _ => "UNSEEN"u8,
    };
}
