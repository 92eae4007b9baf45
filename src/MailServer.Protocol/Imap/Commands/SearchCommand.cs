using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Searching;
using MailServer.Protocol.Imap.Views;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>SEARCH and UID SEARCH (RFC 3501 §6.4.4). The key is null when the charset is not supported.</summary>
internal sealed record SearchCommand(SearchKey? Key, bool IsUid) : ImapCommand
{
    public override bool AllowsExpunge => IsUid;

    public static ImapCommand? Read(ref ImapReader reader) => Read(ref reader, isUid: false);

    public static ImapCommand? ReadUid(ref ImapReader reader) => Read(ref reader, isUid: true);

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Key is null)
        {
            session.Refuse(ImapError.BadCharset);
            yield break;
        }

        if (IsUid) session.SyncView(mayExpunge: true);
        var view = session.Folder;
        if (Key.Resolve(view) is not { } criteria)
        {
            session.Refuse(ImapError.NoSuchMessage);
            yield break;
        }

        yield return ImapSession.Request(new MailboxRequest.Search(view.Id, criteria));
        if (session.Reply is not MailboxReply.SearchResult { Uids: var found })
        {
            session.RefuseWithMailboxReply();
            yield break;
        }

        Write(session, view, found);
        if (session.Reply is MailboxReply.PartialSearchResult { Unreadable: var unreadable }) Warn(session, unreadable);
        // RFC 5530 §3: messages that were removed by another session have sequence numbers but are not found.
        session.Ok($"{Name} completed", !IsUid && view.HasUnannouncedExpunges ? "EXPUNGEISSUED" : null);
    }

    // RFC 3501 §7.1.2: an untagged NO is a warning; the command itself succeeds.
    private static void Warn(ImapSession session, IReadOnlyList<Uid> unreadable)
    {
        var writer = new ImapWriter(session.Output);
        ImapErrors.UnreadableMessages(unreadable).Write(ref writer, null);
        writer.Commit();
    }

    private void Write(ImapSession session, SelectedFolder view, IReadOnlyList<Uid> found)
    {
        var writer = new ImapWriter(session.Output);
        writer.Write("* SEARCH"u8);
        foreach (var uid in found)
        {
            // A message that has not been announced has no sequence number yet, and the client cannot know its UID.
            var sequence = view.SequenceOf(uid.Value);
            if (sequence == 0) continue;
            writer.Write((byte)' ');
            writer.Write(IsUid ? uid.Value : sequence);
        }

        writer.EndLine();
        writer.Commit();
    }

    private static SearchCommand? Read(ref ImapReader reader, bool isUid)
    {
        if (!reader.ReadSpace()) return null;
        if (reader.TryReadWord("CHARSET "u8))
        {
            if (!reader.ReadAString(out var charset) || !reader.ReadSpace()) return null;
            if (!Ascii.EqualsIgnoreCase(charset, "UTF-8"u8) && !Ascii.EqualsIgnoreCase(charset, "US-ASCII"u8))
            {
                reader.SkipAll();
                return new SearchCommand(null, isUid);
            }
        }

        return SearchKeyParser.ReadKeys(ref reader) is { } key ? new SearchCommand(key, isUid) : null;
    }
}
