using System.Globalization;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>REPLACE and UID REPLACE (RFC 8508): appends one message and removes another one, both or neither.</summary>
internal sealed record ReplaceCommand(SequenceSet Set, bool IsUid, FolderName? Folder, AppendReader Reader, IReadOnlyList<AppendItem> FirstLine) : ImapCommand
{
    public override LiteralHeader? Literal => FirstLine[^1].Literal;

    public override bool ChangesFolder => true;

    public static ImapCommand? Read(ref ImapReader reader) => Read(ref reader, isUid: false);

    public static ImapCommand? ReadUid(ref ImapReader reader) => Read(ref reader, isUid: true);

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (IsUid) session.SyncView(mayExpunge: true);
        var view = session.Folder;
        var uids = view.Resolve(Set, IsUid);
        if (Refusal(session, uids) is { } refusal)
        {
            session.RefuseWithLiteral(Tag, refusal, Literal);
            yield break;
        }

        var upload = new MessageUpload(Reader, FirstLine, most: 1);
        foreach (var effect in upload.Receive(session, Tag)) yield return effect;
        if (upload.IsRefused) yield break;
        yield return ImapSession.Request(new MailboxRequest.Replace(view.Id, new Uid(uids![0]), Folder!.Value, upload.Messages[0]));
        Conclude(session);
    }

    private ImapError? Refusal(ImapSession session, uint[]? uids)
    {
        if (session.Folder.IsReadOnly) return ImapError.ReadOnly;
        if (uids is null) return ImapError.NoSuchMessage;
        if (uids.Length != 1) return ImapError.NothingToReplace;
        return Folder is null ? ImapError.BadFolderName : null;
    }

    private void Conclude(ImapSession session)
    {
        if (session.Reply is MailboxReply.Replaced replaced)
        {
            // RFC 8508 §4.3: APPENDUID goes in an untagged response before the EXPUNGE response.
            var writer = new ImapWriter(session.Output);
            new ImapResult("OK", string.Create(CultureInfo.InvariantCulture, $"APPENDUID {replaced.Validity.Value} {replaced.Uid.Value}"), "Replacement message stored").Write(ref writer, null);
            writer.Commit();
            session.NoteOwn(Folder, [replaced.Uid]);
            session.Folder.Apply(replaced.Change);
            session.Ok($"{Name} completed");
        }
        else if (session.Reply is MailboxReply.Refused { Reason: MailboxRefusal.NoSuchFolder })
        {
            session.Refuse(ImapError.NoSuchTarget);
        }
        else
        {
            session.RefuseWithMailboxReply();
        }
    }

    private static ReplaceCommand? Read(ref ImapReader reader, bool isUid)
    {
        if (!reader.ReadSpace() || !reader.ReadSequenceSet(out var set) || !IsOne(set) || !reader.ReadSpace()) return null;
        if (!reader.ReadMailbox(out var folder)) return null;
        var messages = new AppendReader();
        return messages.ReadLine(ref reader) is { Count: > 0 } line ? new ReplaceCommand(set, isUid, folder, messages, line) : null;
    }

    // One message: a number or *, but no range.
    private static bool IsOne(SequenceSet set) => !set.IsSaved && set.Ranges is [var (first, last)] && first == last;
}
