namespace MailServer.Importing;

/// <summary>Reads lines including their line endings. A line that is too long is returned in pieces.</summary>
internal sealed class StreamLineReader(Stream stream, int maxLine) : IDisposable
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>The position of the next line in the stream.</summary>
    public long Position { get; private set; } = stream.CanSeek ? stream.Position : 0;

    /// <summary>Reads a line, which is valid until the next call; null at the end.</summary>
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
            // Not a conditional expression: its null would be converted to an empty line through byte[].
            if (searched > 0) return Take(searched);
            return null;
        }
    }

    /// <summary>Returns the next octets without consuming them; fewer at the end. Invalidates the line that was read last.</summary>
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
