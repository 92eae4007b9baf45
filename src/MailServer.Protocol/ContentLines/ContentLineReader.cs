namespace MailServer.Protocol.ContentLines;

/// <summary>
/// Reads content lines one by one. It unfolds lines (a fold may split a UTF-8 sequence), skips empty lines and accepts a bare LF as line end.
/// Lines without folds are not copied.
/// </summary>
internal ref struct ContentLineReader
{
    private readonly ReadOnlyMemory<byte> _text;
    private readonly ReadOnlySpan<byte> _span;
    private readonly ContentLineLimits _limits;
    private int _physicalLine = 1;
    private int _lines;

    public ContentLineReader(ReadOnlyMemory<byte> text, ContentLineLimits limits)
    {
        _text = text;
        _span = text.Span;
        _limits = limits;
        Position = _span.StartsWith("\uFEFF"u8) ? 3 : 0;
    }

    /// <summary>The offset of the next line.</summary>
    public int Position { get; private set; }

    /// <summary>The physical line where the last content line starts.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>The error that stopped reading; null if there was none.</summary>
    public ContentLineFaultKind? Fault { get; private set; }

    /// <summary>The next line; null at the end of the text and after an error.</summary>
    public ContentLine? Read()
    {
        SkipEmptyLines();
        if (Position >= _span.Length)
            return null;
        Line = _physicalLine;
        var start = Position;
        var folds = 0;
        var end = EndOfPhysicalLine(start);
        while (end < _span.Length && _span[end] is (byte)' ' or (byte)'\t')
        {
            end = EndOfPhysicalLine(end);
            folds++;
        }

        Position = end;
        _physicalLine += folds + 1;
        if (end - start > _limits.MaxLine)
            return Fail(ContentLineFaultKind.LineTooLong);
        if (++_lines > _limits.MaxLines)
            return Fail(ContentLineFaultKind.TooManyLines);
        var raw = _text[start..end];
        var line = ContentLineParser.Parse(raw, folds == 0 ? raw[..WithoutLineEnd(raw.Span).Length] : Unfold(raw.Span), _limits, out var fault);
        return line ?? Fail(fault);
    }

    private ContentLine? Fail(ContentLineFaultKind kind)
    {
        Fault = kind;
        return null;
    }

    private void SkipEmptyLines()
    {
        while (Position < _span.Length)
        {
            var end = EndOfPhysicalLine(Position);
            if (!_span[Position..end].Trim(" \t\r\n\0"u8).IsEmpty)
                return;
            Position = end;
            _physicalLine++;
        }
    }

    private readonly int EndOfPhysicalLine(int start)
    {
        var feed = _span[start..].IndexOf((byte)'\n');
        return feed < 0 ? _span.Length : start + feed + 1;
    }

    private static ReadOnlySpan<byte> WithoutLineEnd(ReadOnlySpan<byte> line) => line.TrimEnd("\r\n"u8);

    private static byte[] Unfold(ReadOnlySpan<byte> raw)
    {
        var unfolded = new byte[raw.Length];
        var length = 0;
        var first = true;
        for (var rest = raw; !rest.IsEmpty; first = false)
        {
            var feed = rest.IndexOf((byte)'\n');
            var piece = feed < 0 ? rest : rest[..feed];
            rest = feed < 0 ? [] : rest[(feed + 1)..];
            piece = WithoutLineEnd(first ? piece : piece[1..]);
            piece.CopyTo(unfolded.AsSpan(length));
            length += piece.Length;
        }

        Array.Resize(ref unfolded, length);
        return unfolded;
    }
}
