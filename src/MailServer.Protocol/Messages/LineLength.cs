using System.Buffers;
using MailServer.Domain.Messages;

namespace MailServer.Protocol.Messages;

/// <summary>Finds lines of more than 998 octets without CRLF (RFC 5322 §2.1.1, RFC 5321 §4.5.3.1.6) in content that arrives in pieces.</summary>
internal struct LineLength
{
    /// <summary>The maximum length of a line in octets, without CRLF.</summary>
    public const int Max = 998;

    private const int Block = 32 * 1024;

    private long _current;
    private bool _endsWithReturn;

    /// <summary>True after a line that is too long.</summary>
    public bool IsExceeded { get; private set; }

    public void Add(ReadOnlySpan<byte> piece)
    {
        while (!piece.IsEmpty)
        {
            var end = piece.IndexOf((byte)'\n');
            var part = end < 0 ? piece : piece[..end];
            _current += part.Length;
            if (part.Length > 0) _endsWithReturn = part[^1] == '\r';
            if (_current - (_endsWithReturn ? 1 : 0) > Max) IsExceeded = true;
            if (end < 0) return;
            (_current, _endsWithReturn) = (0, false);
            piece = piece[(end + 1)..];
        }
    }

    /// <summary>True when a range has a line that is too long.</summary>
    public static bool Exceeds(MessageContent content, long offset, long length)
    {
        var lines = new LineLength();
        var block = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            for (var end = offset + length; offset < end && !lines.IsExceeded;)
            {
                var read = content.Read(offset, block.AsSpan(0, (int)Math.Min(Block, end - offset)));
                if (read <= 0) break;
                lines.Add(block.AsSpan(0, read));
                offset += read;
            }

            return lines.IsExceeded;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
