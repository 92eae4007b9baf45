namespace MailServer.Importing;

/// <summary>Reads lines with their ends; one that is too long comes in pieces.</summary>
internal sealed class LineReader(Stream stream, int maxLine) : IDisposable
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>Where in the stream the next line begins.</summary>
    public long Position { get; private set; } = stream.CanSeek ? stream.Position : 0;

    /// <summary>Valid until the next call; null at the end.</summary>
    public ReadOnlyMemory<byte>? Read()
    {
        var searched = 0;
        while (true)
        {
            var line = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (line >= 0) return Take(searched + line + 1);
            searched = _end - _start;
            if (searched >= maxLine) return Take(searched);
            if (Fill()) continue;
            // Not a conditional expression: a null in one would become an empty line by way of byte[].
            if (searched > 0) return Take(searched);
            return null;
        }
    }

    /// <summary>The next octets, without taking them; fewer at the end. The line that was read last is not valid any more.</summary>
    public ReadOnlySpan<byte> Peek(int count)
    {
        while (_end - _start < count && Fill()) { }
        return _buffer.AsSpan(_start, Math.Min(count, _end - _start));
    }

    public void Dispose() => _buffer = [];

    private ReadOnlyMemory<byte> Take(int count)
    {
        var line = _buffer.AsMemory(_start, count);
        _start += count;
        Position += count;
        return line;
    }

    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        return read > 0;
    }
}
