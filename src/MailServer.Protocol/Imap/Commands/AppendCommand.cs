using System.Buffers;
using System.Globalization;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;
using MailServer.Protocol.Observation;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>APPEND (RFC 3501 §6.3.11), answered with APPENDUID (RFC 4315 §3). The message is streamed to the driver and never buffered here.</summary>
internal sealed record AppendCommand(FolderName? Folder, MessageFlags Flags, DateTimeOffset? InternalDate, LiteralHeader Literal) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader)
    {
        var flags = MessageFlags.None;
        DateTimeOffset? date = null;
        if (!reader.ReadSpace() || !reader.ReadMailbox(out var folder) || !reader.ReadSpace()) return null;
        if (reader.Rest is [(byte)'(', ..] && !(ImapFlags.ReadFlagList(ref reader, out flags) && reader.ReadSpace())) return null;
        if (reader.Rest is [(byte)'"', ..])
        {
            if (!ImapDates.ReadDateTime(ref reader, out var time) || !reader.ReadSpace()) return null;
            date = time;
        }

        // The literal's octets have not arrived yet.
        if (!reader.TryRead((byte)'{') || !reader.ReadDigits(out var size)) return null;
        var nonSynchronizing = reader.TryRead((byte)'+');
        return reader.TryRead((byte)'}') ? new AppendCommand(folder, flags, date, new LiteralHeader(size, !nonSynchronizing)) : null;
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (Folder is not { } folder)
        {
            session.RefuseWithLiteral(Tag, ImapError.BadFolderName, Literal);
            yield break;
        }

        yield return new ImapEffect.BeginMessage(Literal.Size);
        if (Literal.IsSynchronizing) session.Output.Write("+ Ready for the message\r\n"u8);
        var hasNul = false;
        for (var left = Literal.Size; left > 0;)
        {
            left -= CopyOctets(session, left, ref hasNul);
            if (left > 0) yield return ImapSession.NeedInput;
        }

        if (session.Observer.IsWatched) session.Observer.LineReceived(RedactedText.Placeholder("message", Literal.Size));

        byte[] rest;
        while (!session.TryTakeLine(out rest)) yield return ImapSession.NeedInput;
        if (rest.Length > 0 || hasNul)
        {
            session.MessageOctets = null;
            yield return new ImapEffect.DiscardMessage();
            LiteralHeader? another = CommandFramer.TryReadLiteral(rest, out var announced) ? announced : null;
            session.RefuseWithLiteral(Tag, hasNul ? ImapError.NulInLiteral : ImapError.Syntax, another);
            yield break;
        }

        session.MessageOctets = null;
        yield return new ImapEffect.CommitMessage();
        if (session.Message is not { } message)
        {
            session.Refuse(ImapError.Unavailable);
            yield break;
        }

        yield return ImapSession.Request(new MailboxRequest.Append(folder, Flags, InternalDate, message));
        if (session.Reply is MailboxReply.Appended appended)
            session.Ok("APPEND completed", string.Create(CultureInfo.InvariantCulture, $"APPENDUID {appended.Validity.Value} {appended.Uid.Value}"));
        else
            RefuseAppend(session);
    }

    // For APPEND a missing folder is a missing target (TRYCREATE), whatever reason the mailbox gives.
    private static void RefuseAppend(ImapSession session)
    {
        if (session.Reply is MailboxReply.Refused { Reason: MailboxRefusal.NoSuchFolder }) session.Refuse(ImapError.NoSuchTarget);
        else session.RefuseWithMailboxReply();
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
}
