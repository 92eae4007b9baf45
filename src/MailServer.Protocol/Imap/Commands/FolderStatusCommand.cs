using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>STATUS (RFC 3501 §6.3.10), with DELETED and DELETED-STORAGE (RFC 9208 §4.1.4).</summary>
internal sealed record FolderStatusCommand(FolderName? Folder, IReadOnlyList<StatusItem> Items) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader)
    {
        if (!reader.ReadSpace() || !reader.ReadMailbox(out var folder) || !reader.ReadSpace() || !reader.Open()) return null;
        var items = new List<StatusItem>();
        do
        {
            if (!ReadItem(ref reader, out var item)) return null;
            if (!items.Contains(item)) items.Add(item);
        }
        while (reader.ReadSpace());
        return reader.Close() ? new FolderStatusCommand(folder, items) : null;
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Folder is not { } folder)
        {
            session.Refuse(ImapError.NoSuchFolder);
            yield break;
        }

        yield return ImapSession.Request(new MailboxRequest.GetStatus(folder, Items.Contains(StatusItem.DeletedStorage)));
        if (session.Reply is not MailboxReply.Status { Folder: var status })
        {
            session.RefuseWithMailboxReply();
            yield break;
        }

        Write(session, folder, status);
        session.Ok("STATUS completed");
    }

    private void Write(ImapSession session, FolderName folder, FolderStatus status)
    {
        var writer = new ImapWriter(session.Output);
        writer.Write("* STATUS "u8);
        writer.Mailbox(folder.Value);
        for (var at = 0; at < Items.Count; at++)
        {
            writer.Write(at == 0 ? " ("u8 : " "u8);
            writer.Write(NameOf(Items[at]));
            writer.Write((byte)' ');
            writer.Write(Items[at] switch
            {
                StatusItem.Messages => status.Messages,
                StatusItem.Recent => status.Recent,
                StatusItem.UidNext => status.UidNext,
                StatusItem.UidValidity => status.UidValidity.Value,
                StatusItem.DeletedStorage => status.DeletedSize,
                StatusItem.Deleted => status.Deleted,
                _ => (long)status.Unseen,
            });
        }

        writer.Write(")\r\n"u8);
        writer.Commit();
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
        _ => "UNSEEN"u8,
    };
}

/// <summary>The data items of STATUS.</summary>
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
}
