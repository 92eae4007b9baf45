using System.Buffers;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Observation;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>One message of APPEND or REPLACE, streamed to the driver, and what follows it.</summary>
internal sealed class UploadedMessage(AppendOptions options)
{
    /// <summary>The next message of APPEND; null after the last one.</summary>
    public AppendOptions? Next { get; private set; }

    /// <summary>The message cannot be stored, or the line after it is malformed.</summary>
    public ImapError? Refusal { get; private set; }

    /// <summary>A literal that the line announces, and that must be skipped when the command is refused.</summary>
    public LiteralHeader? NextLiteral { get; private set; }

    /// <summary>Passes the message to the driver, and reads the line after it.</summary>
    public IEnumerable<ImapEffect> Receive(ImapSession session)
    {
        yield return new ImapEffect.BeginMessage(options.Literal.Size);
        if (options.Literal.IsSynchronizing) session.Output.Write("+ Ready for the message\r\n"u8);
        var hasNul = false;
        for (var left = options.Literal.Size; left > 0;)
        {
            left -= CopyOctets(session, left, ref hasNul);
            if (left > 0) yield return ImapSession.NeedInput;
        }

        if (session.Observer.IsWatched) session.Observer.LineReceived(RedactedText.Placeholder("message", options.Literal.Size));
        byte[] rest;
        while (!session.TryTakeLine(out rest)) yield return ImapSession.NeedInput;
        session.MessageOctets = null;
        TakeRest(rest, hasNul);
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

    private void TakeRest(ReadOnlySpan<byte> line, bool hasNul)
    {
        if (CommandFramer.TryReadLiteral(line, out var literal)) NextLiteral = literal;
        // Messages with NUL octets could not be fetched by clients without BINARY (RFC 3516 §4.4).
        if (hasNul) Refusal = options.IsBinary ? ImapError.UnknownEncoding : ImapError.NulInLiteral;
        else if (options.IsUtf8 && line is not [(byte)')', ..]) Refusal = ImapError.Syntax;
        else if ((options.IsUtf8 ? line[1..] : line) is { Length: > 0 } rest) TakeNext(rest);
    }

    private void TakeNext(ReadOnlySpan<byte> line)
    {
        if (AppendOptions.ReadNext(line, out var next)) Next = next;
        else Refusal = ImapError.Syntax;
    }
}
