using System.Buffers;
using System.Globalization;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Observation;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>
/// APPEND (RFC 3501 §6.3.11) of one or several messages (RFC 3502), answered with APPENDUID (RFC 4315 §3). Messages are streamed to the driver and never
/// buffered here. Those before the last one wait in the spool until all have arrived; if one is refused, the driver discards them.
/// </summary>
internal sealed record AppendCommand(FolderName? Folder, AppendOptions First) : ImapCommand
{
    public LiteralHeader Literal => First.Literal;

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

            var received = new ReceivedLiteral();
            foreach (var effect in Receive(session, options.Literal, received)) yield return effect;
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

    /// <summary>Passes one message to the driver, and reads the line after it.</summary>
    private static IEnumerable<ImapEffect> Receive(ImapSession session, LiteralHeader literal, ReceivedLiteral received)
    {
        yield return new ImapEffect.BeginMessage(literal.Size);
        if (literal.IsSynchronizing) session.Output.Write("+ Ready for the message\r\n"u8);
        var hasNul = false;
        for (var left = literal.Size; left > 0;)
        {
            left -= CopyOctets(session, left, ref hasNul);
            if (left > 0) yield return ImapSession.NeedInput;
        }

        if (session.Observer.IsWatched) session.Observer.LineReceived(RedactedText.Placeholder("message", literal.Size));
        byte[] rest;
        while (!session.TryTakeLine(out rest)) yield return ImapSession.NeedInput;
        session.MessageOctets = null;
        received.Take(rest, hasNul);
    }

    private static long CopyOctets(ImapSession session, long most, ref bool hasNul)
    {
        var octets = session.Take(most);
        var writer = session.MessageOctets ?? throw new InvalidOperationException("no message was begun");
        foreach (var segment in octets)
        {
            hasNul |= segment.Span.Contains((byte)0);
            writer.Write(segment.Span);
        }

        return octets.Length;
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

    /// <summary>What follows a message.</summary>
    private sealed class ReceivedLiteral
    {
        /// <summary>The next message; null after the last one.</summary>
        public AppendOptions? Next { get; private set; }

        public ImapError? Refusal { get; private set; }

        /// <summary>A literal that the line announces, and that must be skipped when the command is refused.</summary>
        public LiteralHeader? NextLiteral { get; private set; }

        public void Take(byte[] line, bool hasNul)
        {
            if (CommandFramer.TryReadLiteral(line, out var literal)) NextLiteral = literal;
            if (hasNul) Refusal = ImapError.NulInLiteral;
            else if (line.Length > 0 && AppendOptions.ReadNext(line, out var options)) Next = options;
            else if (line.Length > 0) Refusal = ImapError.Syntax;
        }
    }
}
