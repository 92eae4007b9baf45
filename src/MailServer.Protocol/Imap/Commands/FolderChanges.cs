using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Fetching;
using MailServer.Protocol.Imap.Views;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>What has changed in the selected folder since a mod-sequence (RFC 7162 §3.2.6).</summary>
internal static class FolderChanges
{
    public static ImapEffect Request(SelectedFolder view, ModSeq since, UidSet within) => ImapSession.Request(new MailboxRequest.ListChanges(view.Id, since, within));

    /// <summary>Takes the reply: the UIDs of changed messages that the client knows of, or null when the mailbox has refused.</summary>
    /// <param name="session">The session, with the reply.</param>
    /// <param name="tellsVanished">True to write VANISHED (EARLIER) for removed messages.</param>
    /// <param name="completeUpTo">The client knows the removals of messages up to this UID.</param>
    public static uint[]? Take(ImapSession session, bool tellsVanished, uint completeUpTo = 0)
    {
        if (session.Reply is not MailboxReply.Changes changes)
        {
            session.RefuseWithMailboxReply();
            return null;
        }

        var view = session.Folder;
        // Messages that this session has announced follow in a VANISHED without EARLIER, which changes sequence numbers.
        var vanished = tellsVanished ? changes.Vanished.Except(view.AnnouncedUids) : UidSet.Empty;
        if (completeUpTo > 0) vanished = vanished.Intersect(completeUpTo == uint.MaxValue ? UidSet.Empty : UidSet.Of((completeUpTo + 1, uint.MaxValue)));
        if (!vanished.IsEmpty)
        {
            var writer = new ImapWriter(session.Output);
            SelectedFolder.WriteVanished(ref writer, vanished, isEarlier: true);
            writer.Commit();
        }

        return [.. changes.Changed.Select(static u => u.Value).Where(uid => view.SequenceOf(uid) > 0)];
    }

    /// <summary>Writes the flags and mod-sequences of these messages, page by page; refuses the command if the mailbox does.</summary>
    public static IEnumerable<ImapEffect> WriteFlags(ImapSession session, uint[] uids)
    {
        const FetchAttributes Attributes = FetchAttributes.Uid | FetchAttributes.Flags | FetchAttributes.ModSeq;
        var view = session.Folder;
        for (var at = 0; at < uids.Length; at += session.Limits.FetchPage)
        {
            var page = uids.AsMemory(at, Math.Min(session.Limits.FetchPage, uids.Length - at));
            yield return ImapSession.Request(new MailboxRequest.Fetch(view.Id, page, FetchItems.Flags, MarkSeen: false));
            if (session.Reply is not MailboxReply.Fetched { Rows: var rows })
            {
                session.RefuseWithMailboxReply();
                yield break;
            }

            var writer = new ImapWriter(session.Output);
            foreach (var row in rows)
                if (FetchResponseWriter.TryBegin(ref writer, view, Attributes, row, out _)) writer.Write(")\r\n"u8);
            writer.Commit();
            yield return ImapSession.Flush;
        }
    }
}
