using System.Globalization;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>
/// APPEND (RFC 3501 §6.3.11) of one or several messages (RFC 3502), answered with APPENDUID (RFC 4315 §3). Messages are streamed to the driver and never
/// buffered here. Those before the last one wait in the spool until all have arrived; if one is refused, the driver discards them.
/// </summary>
internal sealed record AppendCommand(FolderName? Folder, AppendOptions First) : ImapCommand
{
    public override LiteralHeader? Literal => First.Literal;

    public override bool ChangesFolder => true;

    public static ImapCommand? Read(ref ImapReader reader) =>
        reader.ReadSpace() && reader.ReadMailbox(out var folder) && reader.ReadSpace() && AppendOptions.Read(ref reader, out var first) ? new AppendCommand(folder, first) : null;

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        var messages = new List<NewMessage>();
        long total = 0;
        for (AppendOptions? next = First; next is { } options;)
        {
            if (Refusal(session, options, messages.Count, total) is { } refusal)
            {
                if (messages.Count > 0) yield return new ImapEffect.DiscardMessage();
                session.RefuseWithLiteral(Tag, refusal, options.Literal);
                yield break;
            }

            var received = new UploadedMessage(options);
            foreach (var effect in received.Receive(session)) yield return effect;
            next = received.Next;
            if (received.Refusal is { } fault)
            {
                yield return new ImapEffect.DiscardMessage();
                session.RefuseWithLiteral(Tag, fault, received.NextLiteral);
                yield break;
            }

            yield return new ImapEffect.CommitMessage();
            if (session.Message is not { } message)
            {
                if (messages.Count > 0) yield return new ImapEffect.DiscardMessage();
                session.RefuseWithLiteral(Tag, ImapError.Unavailable, received.NextLiteral);
                yield break;
            }

            messages.Add(new NewMessage(options.Flags, options.InternalDate, message));
            total += options.Literal.Size;
        }

        yield return ImapSession.Request(Request(messages));
        session.NoteOwn(Folder, session.Reply switch { MailboxReply.Appended one => [one.Uid], MailboxReply.AppendedAll all => all.Uids, _ => [] });
        Conclude(session);
    }

    private ImapError? Refusal(ImapSession session, AppendOptions options, int before, long total)
    {
        if (Folder is null) return ImapError.BadFolderName;
        if (options.Literal.Size == 0) return ImapError.EmptyMessage;
        if (before == session.Limits.ImapAppendMessages) return ImapError.TooManyMessages;
        var most = before == 0 ? session.Limits.MaxMessageSize : Math.Min(session.Limits.MaxMessageSize, (2 * session.Limits.MaxMessageSize) - total);
        return options.Literal.Size > most ? ImapError.MessageTooBig : null;
    }

    private MailboxRequest Request(List<NewMessage> messages) => messages is [var one]
        ? new MailboxRequest.Append(Folder!.Value, one.Flags, one.InternalDate, one.Message)
        : new MailboxRequest.AppendAll(Folder!.Value, messages);

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
