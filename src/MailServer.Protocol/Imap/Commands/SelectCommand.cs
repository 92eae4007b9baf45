using System.Buffers;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Views;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>
/// SELECT and EXAMINE (RFC 3501 §6.3.1, §6.3.2), also with what has changed since the client last knew the folder (RFC 7162 §3.2.5). The previously selected
/// folder is deselected even if the command fails.
/// </summary>
internal sealed record SelectCommand(FolderName? Folder, string Supplied, bool ReadOnly, bool CondStore, KnownState? Known) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader) => Read(ref reader, readOnly: false);

    public static ImapCommand? ReadExamine(ref ImapReader reader) => Read(ref reader, readOnly: true);

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Known is not null && !session.Enabled.QResync)
        {
            session.Refuse(ImapError.NotEnabled);
            yield break;
        }

        var hadFolder = session.View is not null;
        session.View = null;
        if (hadFolder) session.Output.Write("* OK [CLOSED] Previous folder closed\r\n"u8);
        if (CondStore) session.EnableCondStore();
        if (Folder is { } folder)
        {
            yield return ImapSession.Request(new MailboxRequest.Select(folder, ReadOnly));
            if (session.Reply is MailboxReply.Selected { Folder: var snapshot })
            {
                session.View = new SelectedFolder(snapshot, ReadOnly, session.Limits, session.Enabled);
                Describe(session, session.View, snapshot);
                if (session.Enabled.Rev2)
                    foreach (var effect in FolderAnnouncement.Write(session, folder, Supplied)) yield return effect;
                session.Ok($"{Name} completed", ReadOnly || !session.View.IsWritable ? "READ-ONLY" : "READ-WRITE");
                foreach (var effect in Resynchronize(session, session.View, snapshot.HighestModSeq)) yield return effect;
                if (!session.IsRefused) yield break;
                // A client that missed changes must not believe that it knows the folder.
                session.View = null;
                hadFolder = true;
            }
            else
            {
                session.RefuseWithMailboxReply();
            }
        }
        else
        {
            session.Refuse(ImapError.NoSuchFolder);
        }

        if (hadFolder) yield return ImapSession.Request(new MailboxRequest.Unselect());
    }

    // RFC 7162 §3.2.5: with another UIDVALIDITY nothing that the client knows is valid, so it must start anew.
    private IEnumerable<ImapEffect> Resynchronize(ImapSession session, SelectedFolder view, ModSeq highest)
    {
        if (Known is not { } known || known.Validity != view.UidValidity || known.ModSeq >= highest) yield break;
        yield return FolderChanges.Request(view, known.ModSeq, known.Within);
        if (FolderChanges.Take(session, tellsVanished: true, known.CompleteUpTo(view)) is not { } changed) yield break;
        foreach (var effect in FolderChanges.WriteFlags(session, changed)) yield return effect;
    }

    private static SelectCommand? Read(ref ImapReader reader, bool readOnly) =>
        reader.ReadSpace() && reader.ReadMailbox(out var folder, out var supplied) && KnownState.ReadParameters(ref reader, out var condStore, out var known)
            ? new SelectCommand(folder, supplied, readOnly, condStore, known) : null;

    private static void Describe(ImapSession session, SelectedFolder view, FolderSnapshot folder)
    {
        var writer = new ImapWriter(session.Output);
        view.WriteFlags(ref writer);
        view.WriteCounts(ref writer);
        // RFC 9051, appendix E (11)
        if (!session.Enabled.Rev2 && folder.FirstUnseen is { } unseen && view.SequenceOf(unseen.Value) is > 0 and var sequence)
            WriteCode(ref writer, "UNSEEN "u8, sequence, "] First unseen message\r\n"u8);
        WriteCode(ref writer, "UIDVALIDITY "u8, folder.UidValidity.Value, "] UIDs are valid\r\n"u8);
        WriteCode(ref writer, "UIDNEXT "u8, folder.UidNext, "] Next UID\r\n"u8);
        view.WriteHighestModSeq(ref writer);
        writer.Write("* OK [MAILBOXID ("u8);
        writer.Write(ObjectIds.Of(folder.Id, folder.UidValidity, folder.Name));
        writer.Write(")] Mailbox id\r\n"u8);
        writer.Commit();
    }

    private static void WriteCode(ref ImapWriter writer, ReadOnlySpan<byte> code, long number, ReadOnlySpan<byte> rest)
    {
        writer.Write("* OK ["u8);
        writer.Write(code);
        writer.Write(number);
        writer.Write(rest);
    }
}
