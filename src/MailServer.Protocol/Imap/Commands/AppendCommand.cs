using System.Globalization;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>APPEND (RFC 3501 §6.3.11) of one or several messages (RFC 3502), also made of parts of others (RFC 4469), answered with APPENDUID (RFC 4315 §3).</summary>
internal sealed record AppendCommand(FolderName? Folder, AppendReader Reader, IReadOnlyList<AppendItem> FirstLine) : ImapCommand
{
    public override LiteralHeader? Literal => FirstLine[^1].Literal;

    public override bool ChangesFolder => true;

    public static ImapCommand? Read(ref ImapReader reader)
    {
        if (!reader.ReadSpace() || !reader.ReadMailbox(out var folder)) return null;
        var messages = new AppendReader();
        return messages.ReadLine(ref reader) is { Count: > 0 } line ? new AppendCommand(folder, messages, line) : null;
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Folder is not { } folder)
        {
            session.RefuseWithLiteral(Tag, ImapError.BadFolderName, Literal);
            yield break;
        }

        var upload = new MessageUpload(Reader, FirstLine, session.Limits.ImapAppendMessages);
        foreach (var effect in upload.Receive(session, Tag)) yield return effect;
        if (upload.IsRefused) yield break;
        yield return ImapSession.Request(upload.Messages is [var one]
            ? new MailboxRequest.Append(folder, one.Flags, one.InternalDate, one.Message)
            : new MailboxRequest.AppendAll(folder, upload.Messages));
        session.NoteOwn(Folder, session.Reply switch { MailboxReply.Appended single => [single.Uid], MailboxReply.AppendedAll all => all.Uids, _ => [] });
        Conclude(session);
    }

    private static void Conclude(ImapSession session)
    {
        if (session.Reply is MailboxReply.Appended one)
            session.Ok("APPEND completed", string.Create(CultureInfo.InvariantCulture, $"APPENDUID {one.Validity.Value} {one.Uid.Value}"));
        else if (session.Reply is MailboxReply.AppendedAll all)
            session.Ok("APPEND completed", string.Create(CultureInfo.InvariantCulture, $"APPENDUID {all.Validity.Value} {UidSet.OfUids([.. all.Uids.Select(static u => u.Value)])}"));
        // For APPEND a missing folder is a missing target (TRYCREATE), whatever reason the mailbox gives.
        else if (session.Reply is MailboxReply.Refused { Reason: MailboxRefusal.NoSuchFolder }) session.Refuse(ImapError.NoSuchTarget);
        else session.RefuseWithMailboxReply();
    }
}
