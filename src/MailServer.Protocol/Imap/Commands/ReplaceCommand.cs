using System.Globalization;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>REPLACE and UID REPLACE (RFC 8508): appends one message and removes another one, both or neither.</summary>
internal sealed record ReplaceCommand(SequenceSet Set, bool IsUid, FolderName? Folder, AppendOptions Message) : ImapCommand
{
    public override LiteralHeader? Literal => Message.Literal;

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
            session.RefuseWithLiteral(Tag, refusal, Message.Literal);
            yield break;
        }

        var received = new UploadedMessage(Message);
        foreach (var effect in received.Receive(session)) yield return effect;
        if (received.Refusal is not null || received.Next is not null)
        {
            yield return new ImapEffect.DiscardMessage();
            // RFC 8508 §4.7: REPLACE takes one message.
            session.RefuseWithLiteral(Tag, received.Refusal ?? ImapError.Syntax, received.NextLiteral);
            yield break;
        }

        yield return new ImapEffect.CommitMessage();
        if (session.Message is not { } message)
        {
            session.Refuse(ImapError.Unavailable);
            yield break;
        }

        yield return ImapSession.Request(new MailboxRequest.Replace(view.Id, new Uid(uids![0]), Folder!.Value, new NewMessage(Message.Flags, Message.InternalDate, message)));
        Conclude(session);
    }

    private ImapError? Refusal(ImapSession session, uint[]? uids)
    {
        if (session.Folder.IsReadOnly) return ImapError.ReadOnly;
        if (uids is null) return ImapError.NoSuchMessage;
        if (uids.Length != 1) return ImapError.NothingToReplace;
        if (Folder is null) return ImapError.BadFolderName;
        if (Message.Literal.Size == 0) return ImapError.EmptyMessage;
        return Message.Literal.Size > session.Limits.MaxMessageSize ? ImapError.MessageTooBig : null;
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
        return reader.ReadMailbox(out var folder) && reader.ReadSpace() && AppendOptions.Read(ref reader, out var message) ? new ReplaceCommand(set, isUid, folder, message) : null;
    }

    // One message: a number or *, but no range.
    private static bool IsOne(SequenceSet set) => !set.IsSaved && set.Ranges is [var (first, last)] && first == last;
}
