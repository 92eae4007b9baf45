using System.Buffers;

namespace MailServer.Protocol.Smtp;

/// <summary>What <see cref="LineReader"/> found.</summary>
internal enum LineRead
{
    /// <summary>Not yet the end of a line.</summary>
    Incomplete,

    /// <summary>A line, without its CRLF.</summary>
    Line,

    /// <summary>A line that was too long has ended; it is gone.</summary>
    TooLong,

    /// <summary>A line that ended with LF alone.</summary>
    BareLineFeed,

    /// <summary>A line that does not end; it should be read no further.</summary>
    Endless,
}

/// <summary>Takes lines of bounded length from the input (RFC 5321 §2.3.8); of one that is too long nothing is kept.</summary>
/// <param name="limit">Octets of a line without CRLF.</param>
/// <param name="endless">Octets after which a line is not read to its end.</param>
internal sealed class LineReader(int limit, int endless)
{
    private bool _skipping;
    private long _skipped;

    public LineRead Read(ref ReadOnlySequence<byte> input, out ReadOnlyMemory<byte> line)
    {
        line = default;
        if (input.PositionOf((byte)'\n') is not { } end)
        {
            if (input.Length > limit + 1) _skipping = true;
            if (!_skipping) return LineRead.Incomplete;
            _skipped += input.Length;
            input = input.Slice(input.End);
            return _skipped > endless ? LineRead.Endless : LineRead.Incomplete;
        }

        var content = input.Slice(0, end);
        input = input.Slice(input.GetPosition(1, end));
        if (_skipping || content.Length > limit + 1)
        {
            _skipping = false;
            _skipped = 0;
            return LineRead.TooLong;
        }

        line = content.IsSingleSegment ? content.First : content.ToArray();
        if (line.IsEmpty || line.Span[^1] != '\r') return LineRead.BareLineFeed;
        line = line[..^1];
        return LineRead.Line;
    }
}
