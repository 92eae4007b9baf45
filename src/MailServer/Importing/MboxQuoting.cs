using System.Buffers;

namespace MailServer.Importing;

/// <summary>
/// Detects how an mbox file quotes body lines that begin with <c>From </c>: with an additional <c>&gt;</c> on every such line (mboxrd), only on lines without
/// one (mboxo), or not at all because Content-Length fields delimit messages (mboxcl2).
/// </summary>
internal sealed class MboxQuoting
{
    private int _plain;
    private int _asNeighbours;
    private int _oneMore;

    /// <summary>How many octets of a file are examined.</summary>
    public const long Sample = 64 * 1024 * 1024;

    private bool IsNone => _plain > 0;

    // In a reply, each quoted line has as many '>' as its neighbours. With mboxrd, a "From " line has one more.
    private bool IsOfPlainLinesOnly => _asNeighbours > _oneMore;

    public static MboxQuoting Of(IEnumerable<MboxMessage> messages)
    {
        var quoting = new MboxQuoting();
        foreach (var message in messages)
        {
            quoting.Look(message);
            if (message.Offset > Sample) break;
        }

        return quoting;
    }

    /// <summary>Removes the quoting from a message.</summary>
    public ReadOnlyMemory<byte> Undo(ReadOnlyMemory<byte> content)
    {
        if (IsNone || content.Span.IndexOf(">From "u8) < 0) return content;
        var made = new ArrayBufferWriter<byte>(content.Length);
        var before = 0;
        for (var rest = content.Span; !rest.IsEmpty;)
        {
            var line = LineOf(rest);
            rest = rest[line.Length..];
            var depth = DepthOf(line);
            var isQuoted = depth > 0 && IsFrom(line, depth) && (!IsOfPlainLinesOnly || (depth == 1 && Math.Max(before, DepthOf(LineOf(rest))) == 0));
            made.Write(isQuoted ? line[1..] : line);
            before = depth;
        }

        return made.WrittenMemory;
    }

    private void Look(MboxMessage message)
    {
        var before = 0;
        for (var rest = message.Content.Span; !rest.IsEmpty;)
        {
            var line = LineOf(rest);
            rest = rest[line.Length..];
            var depth = DepthOf(line);
            if (IsFrom(line, depth))
            {
                var around = Math.Max(before, DepthOf(LineOf(rest)));
                if (depth == 0 && message.HasLength) _plain++;
                else if (around > 0 && depth == around) _asNeighbours++;
                else if (around > 0 && depth == around + 1) _oneMore++;
            }

            before = depth;
        }
    }

    private static ReadOnlySpan<byte> LineOf(ReadOnlySpan<byte> text) => text.IndexOf((byte)'\n') is >= 0 and var end ? text[..(end + 1)] : text;

    private static int DepthOf(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept((byte)'>') is >= 0 and var depth ? depth : line.Length;

    private static bool IsFrom(ReadOnlySpan<byte> line, int depth) => line[depth..].StartsWith("From "u8);
}
