using System.Buffers;

namespace MailServer.Protocol.Imap.Decoding;

/// <summary>
/// Throws away the rest of a command that is refused before it is whole: octets of a literal that comes unasked, then the line, then
/// whatever literals that line announces. Holds no more than the end of one line, and takes no more octets than it may.
/// </summary>
/// <param name="most">Octets that may be thrown away.</param>
internal sealed class Discard(long most)
{
    private readonly byte[] _lineEnd = new byte[CommandFramer.LongestHeader];
    private int _kept;
    private long _octets;
    private long _left = most;

    public bool IsActive { get; private set; }

    /// <summary>There is more to throw away than it may take.</summary>
    public bool IsExceeded => _octets > _left || _left <= 0;

    /// <summary>From now on, throws away so many octets and the line after them.</summary>
    public void Begin(long octets)
    {
        IsActive = true;
        _octets = octets;
        _kept = 0;
    }

    /// <summary>Takes what it can; not active any more when the command's end was passed.</summary>
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
