namespace MailServer.Protocol.Messages;

/// <summary>Finds the end of headers and the delimiter lines of open multiparts, and counts lines.</summary>
internal sealed class DelimiterFinder(ContentWindow window)
{
    /// <summary>The maximum length of a delimiter line including padding (RFC 2046 §5.1.1).</summary>
    private const int MaxDelimiterLine = 1024;

    private readonly List<byte[]> _open = [];

    /// <summary>The number of line ends before the current position.</summary>
    public long Lines { get; private set; }

    /// <summary>Adds an open multipart with this boundary (including its two leading hyphens). Returns its level.</summary>
    public int Open(byte[] boundary)
    {
        _open.Add(boundary);
        return _open.Count - 1;
    }

    /// <summary>Removes the innermost open multipart.</summary>
    public void Close() => _open.RemoveAt(_open.Count - 1);

    /// <summary>The offset after the blank line, or of a delimiter line or the end of the message if one of them comes first.</summary>
    public long FindHeaderEnd(long position)
    {
        while (true)
        {
            var text = window.Peek(position, 2);
            if (text.IsEmpty) return position;
            if (text[0] == '\n' || text.StartsWith("\r\n"u8))
            {
                Lines++;
                return position + (text[0] == '\n' ? 1 : 2);
            }

            if (text[0] == '-' && TryMatch(position, 0, out _)) return position;
            position = SkipLine(position);
        }
    }

    /// <summary>
    /// Finds the next delimiter line at or after the start of a line, or the end of the message. The line end before a delimiter belongs to the
    /// delimiter (RFC 2046 §5.1.1), even when it lies before <paramref name="position"/>; its length is <paramref name="precedingEol"/>.
    /// </summary>
    public Delimiter Find(long position, int precedingEol)
    {
        var atLineStart = true;
        var before = (byte)0;
        while (true)
        {
            if (atLineStart && TryMatch(position, precedingEol, out var found))
            {
                if (found.Eol > 0) Lines++;
                return found;
            }

            // Slice only now: checking a candidate may have moved the window.
            var text = window.Peek(position, 3);
            if (text.IsEmpty) return new Delimiter(-1, false, position, 0, position, Lines);
            var candidate = _open.Count == 0 ? -1 : text.IndexOf("\n--"u8);
            atLineStart = candidate >= 0;
            if (atLineStart) precedingEol = (candidate > 0 ? text[candidate - 1] : before) == '\r' ? 2 : 1;
            // Keep two octets when more content follows, because they may start a candidate.
            var taken = atLineStart ? candidate + 1 : position + text.Length < window.End ? text.Length - 2 : text.Length;
            before = text[taken - 1];
            position = CountLines(text, taken, position);
        }
    }

    private long CountLines(ReadOnlySpan<byte> text, int taken, long position)
    {
        Lines += text[..taken].Count((byte)'\n');
        return position + taken;
    }

    private long SkipLine(long position)
    {
        while (true)
        {
            var text = window.Peek(position, 1);
            if (text.IsEmpty) return position;
            var end = text.IndexOf((byte)'\n');
            if (end < 0)
            {
                position += text.Length;
                continue;
            }

            Lines++;
            return position + end + 1;
        }
    }

    private bool TryMatch(long position, int precedingEol, out Delimiter found)
    {
        found = default;
        if (_open.Count == 0 || !window.Peek(position, 2).StartsWith("--"u8)) return false;
        var text = window.Peek(position, MaxDelimiterLine);
        if (text.Length > MaxDelimiterLine) text = text[..MaxDelimiterLine];
        var end = text.IndexOf((byte)'\n');
        if (end < 0 && position + text.Length < window.End) return false;
        var line = (end < 0 ? text : text[..end]).TrimEnd(" \t\r"u8);
        var level = Match(line, out var isLast);
        if (level < 0) return false;
        var eol = end < 0 ? 0 : end > 0 && text[end - 1] == '\r' ? 2 : 1;
        var next = position + (end < 0 ? text.Length : end + 1);
        found = new Delimiter(level, isLast, next, eol, position - precedingEol, Lines - (precedingEol > 0 ? 1 : 0));
        return true;
    }

    private int Match(ReadOnlySpan<byte> line, out bool isLast)
    {
        for (var level = _open.Count - 1; level >= 0; level--)
        {
            var boundary = _open[level];
            isLast = line.Length == boundary.Length + 2 && line.EndsWith("--"u8);
            if ((isLast || line.Length == boundary.Length) && line.StartsWith(boundary)) return level;
        }

        isLast = false;
        return -1;
    }
}

/// <summary>A delimiter line, or the end of the message.</summary>
/// <param name="Level">The level of the open multipart, 0 being the outermost; -1 at the end of the message.</param>
/// <param name="IsLast">Whether the delimiter closes the multipart.</param>
/// <param name="Next">The start of the next line.</param>
/// <param name="Eol">The length of the delimiter's own line end.</param>
/// <param name="ContentEnd">The end of the content before the delimiter.</param>
/// <param name="ContentLines">The number of line ends before <paramref name="ContentEnd"/>.</param>
internal readonly record struct Delimiter(int Level, bool IsLast, long Next, int Eol, long ContentEnd, long ContentLines);
