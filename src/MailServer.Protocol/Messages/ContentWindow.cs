using System.Buffers;
using MailServer.Domain.Messages;

namespace MailServer.Protocol.Messages;

/// <summary>A sliding window over a message's content. Memory use does not depend on the size of the message.</summary>
internal sealed class ContentWindow(MessageContent content, int size) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(size);
    private int _capacity = size;
    private long _start;
    private int _length;

    /// <summary>The end of the message; less than its stated length when reading failed earlier.</summary>
    public long End { get; private set; } = content.Length;

    /// <summary>Returns the buffered octets from <paramref name="offset"/>: at least <paramref name="wanted"/>, unless the message ends earlier.</summary>
    public ReadOnlySpan<byte> Peek(long offset, int wanted)
    {
        var at = offset - _start;
        if (at < 0 || at > _length || (_length - at < wanted && _start + _length < End))
        {
            Fill(offset, wanted);
            at = offset - _start;
        }

        return _buffer.AsSpan((int)at, _length - (int)at);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Fill(long offset, int wanted)
    {
        var at = offset - _start;
        var kept = at >= 0 && at < _length ? _buffer.AsSpan((int)at, _length - (int)at) : default;
        if (wanted > _capacity)
        {
            var larger = ArrayPool<byte>.Shared.Rent(wanted);
            kept.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
            _capacity = wanted;
        }
        else
        {
            kept.CopyTo(_buffer);
        }

        _start = offset;
        _length = kept.Length;
        while (_length < _capacity && _start + _length < End)
        {
            var read = content.Read(_start + _length, _buffer.AsSpan(_length, _capacity - _length));
            if (read <= 0) End = _start + _length;
            _length += Math.Max(0, read);
        }
    }
}
