using System.Buffers;

namespace MailServer.Protocol.Imap.Decoding;

/// <summary>
/// Discards the rest of a refused command: the octets of a non-synchronizing literal, the line after it, and the literals which that line announces.
/// Buffers only the end of one line and discards a bounded number of octets.
/// </summary>
/// <param name="most">The maximum number of octets to discard.</param>
internal sealed class CommandDiscarder(long most)
{
    private readonly byte[] _lineEnd = new byte[CommandFramer.MaxHeaderLength];
    private int _kept;
    private long _octets;
    private long _left = most;

    public bool IsActive { get; private set; }

    /// <summary>Whether the rest of the command exceeds the limit.</summary>
    public bool IsExceeded => _octets > _left || _left <= 0;

    /// <summary>Starts discarding <paramref name="octets"/> octets and the line after them.</summary>
    public void Begin(long octets)
    {
        IsActive = true;
        _octets = octets;
        _kept = 0;
    }

    /// <summary>Discards what it can of <paramref name="input"/>. <see cref="IsActive"/> becomes false at the end of the command.</summary>
    public void Take(ref ReadOnlySequence<byte> input)
    {
        while (IsActive && !IsExceeded && !input.IsEmpty)
        {
            if (_octets > 0)
            {
                var count = Math.Min(_octets, input.Length);
                input = input.Slice(count);
                _octets -= count;
                _left -= count;
                continue;
            }

            var lineFeed = input.PositionOf((byte)'\n');
            var line = lineFeed is { } at ? input.Slice(0, input.GetPosition(1, at)) : input;
            Keep(line);
            _left -= line.Length;
            input = input.Slice(line.End);
            if (lineFeed is not null) EndLine();
        }
    }

    private void EndLine()
    {
        IsActive = CommandFramer.TryReadLiteral(_lineEnd.AsSpan(0, _kept), out var literal) && !literal.IsSynchronizing;
        _octets = literal.Size;
        _kept = 0;
    }

    private void Keep(in ReadOnlySequence<byte> line)
    {
        var last = line.Slice(Math.Max(0, line.Length - _lineEnd.Length));
        var older = Math.Min(_kept, _lineEnd.Length - (int)last.Length);
        _lineEnd.AsSpan(_kept - older, older).CopyTo(_lineEnd);
        last.CopyTo(_lineEnd.AsSpan(older));
        _kept = older + (int)last.Length;
    }
}
