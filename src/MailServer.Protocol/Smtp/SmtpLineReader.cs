using System.Buffers;

namespace MailServer.Protocol.Smtp;

/// <summary>The result of <see cref="SmtpLineReader.Read"/>.</summary>
internal enum LineReadStatus
{
    /// <summary>More input is needed.</summary>
    Incomplete,

    /// <summary>A complete line, without its CRLF.</summary>
    Line,

    /// <summary>An overlong line has ended and was discarded.</summary>
    TooLong,

    /// <summary>A line that ended with a bare LF.</summary>
    BareLineFeed,

    /// <summary>A line without end: close the connection instead of reading on.</summary>
    Unterminated,
}

/// <summary>Reads lines of bounded length (RFC 5321 §2.3.8). Overlong lines are discarded without being buffered.</summary>
/// <param name="limit">The maximum length of a line in octets, without CRLF.</param>
/// <param name="endless">The number of octets after which an overlong line is not read to its end.</param>
internal sealed class SmtpLineReader(int limit, int endless)
{
    private bool _skipping;
    private long _skipped;

    public LineReadStatus Read(ref ReadOnlySequence<byte> input, out ReadOnlyMemory<byte> line)
    {
        line = default;
        if (input.PositionOf((byte)'\n') is not { } end)
        {
            if (input.Length > limit + 1) _skipping = true;
            if (!_skipping) return LineReadStatus.Incomplete;
            _skipped += input.Length;
            input = input.Slice(input.End);
            return _skipped > endless ? LineReadStatus.Unterminated : LineReadStatus.Incomplete;
        }

        var content = input.Slice(0, end);
        input = input.Slice(input.GetPosition(1, end));
        if (_skipping || content.Length > limit + 1)
        {
            _skipping = false;
            _skipped = 0;
            return LineReadStatus.TooLong;
        }

        line = content.IsSingleSegment ? content.First : content.ToArray();
        if (line.IsEmpty || line.Span[^1] != '\r') return LineReadStatus.BareLineFeed;
        line = line[..^1];
        return LineReadStatus.Line;
    }
}
