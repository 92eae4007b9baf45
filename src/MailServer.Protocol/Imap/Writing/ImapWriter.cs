using System.Buffers;
using System.Buffers.Text;
using System.Text;
using MailServer.Protocol.Imap.Names;

namespace MailServer.Protocol.Imap.Writing;

/// <summary>Writes responses directly into the output's buffer. <see cref="Commit"/> advances the output once for many writes.</summary>
internal ref struct ImapWriter(IBufferWriter<byte> output)
{
    private const int Room = 512;
    private static readonly SearchValues<char> NoAtom = SearchValues.Create(" (){%*\"\\]");

    private Span<byte> _span;
    private int _used;

    /// <summary>The underlying output. Call <see cref="Commit"/> before writing to it directly.</summary>
    public IBufferWriter<byte> Output { get; } = output;

    /// <summary>Advances the output. Nothing else may write to the output before this call.</summary>
    public void Commit()
    {
        if (_used > 0) Output.Advance(_used);
        _span = default;
        _used = 0;
    }

    public void Write(ReadOnlySpan<byte> octets)
    {
        if (_span.Length - _used < octets.Length) Grow(octets.Length);
        octets.CopyTo(_span[_used..]);
        _used += octets.Length;
    }

    public void Write(byte octet)
    {
        if (_used == _span.Length) Grow(1);
        _span[_used++] = octet;
    }

    /// <summary>Writes text that is known to be ASCII.</summary>
    public void Write(string ascii)
    {
        if (_span.Length - _used < ascii.Length) Grow(ascii.Length);
        _used += Encoding.ASCII.GetBytes(ascii, _span[_used..]);
    }

    public void Write(long number)
    {
        if (_span.Length - _used < 20) Grow(20);
        Utf8Formatter.TryFormat(number, _span[_used..], out var written);
        _used += written;
    }

    public void EndLine() => Write("\r\n"u8);

    /// <summary>Writes a literal header, <c>{n}</c> and CRLF.</summary>
    public void LiteralHeader(long size)
    {
        Write((byte)'{');
        Write(size);
        Write("}\r\n"u8);
    }

    public void Literal(ReadOnlySpan<byte> octets)
    {
        LiteralHeader(octets.Length);
        Write(octets);
    }

    /// <summary>Writes a folder name, quoted unless it is an atom: in UTF-8 if the client has enabled that, otherwise in modified UTF-7.</summary>
    public void Mailbox(string name, bool isUtf8)
    {
        if (!isUtf8) AString(ModifiedUtf7.Encode(name));
        else if (Ascii.IsValid(name)) AString(name);
        else Write(Encoding.UTF8.GetBytes($"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""));
    }

    /// <summary>Writes ASCII text without control characters, as an atom if possible and as a quoted string otherwise.</summary>
    public void AString(string value)
    {
        var isAtom = value.Length > 0 && !value.AsSpan().ContainsAny(NoAtom) && !value.Equals("NIL", StringComparison.OrdinalIgnoreCase);
        if (isAtom) Write(value);
        else Quoted(value);
    }

    public void Quoted(string value)
    {
        Write((byte)'"');
        foreach (var c in value)
        {
            if (c is '"' or '\\') Write((byte)'\\');
            Write((byte)c);
        }

        Write((byte)'"');
    }

    /// <summary>Writes Unicode text as a string: quoted if it is ASCII without control characters, otherwise as a literal in UTF-8.</summary>
    public void UnicodeString(string value)
    {
        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~')) Literal(Encoding.UTF8.GetBytes(value));
        else Quoted(value);
    }

    /// <summary>date-time (RFC 3501 §9): <c>" 1-Feb-2026 03:04:05 +0100"</c>.</summary>
    public void DateTime(DateTimeOffset time)
    {
        Write((byte)'"');
        Padded(time.Day, (byte)' ');
        Write((byte)'-');
        Write(ImapDates.Month(time.Month));
        Write((byte)'-');
        Padded(time.Year / 100, (byte)'0');
        Padded(time.Year % 100, (byte)'0');
        Write((byte)' ');
        Padded(time.Hour, (byte)'0');
        Write((byte)':');
        Padded(time.Minute, (byte)'0');
        Write((byte)':');
        Padded(time.Second, (byte)'0');
        Write(time.Offset < TimeSpan.Zero ? " -"u8 : " +"u8);
        Padded(Math.Abs(time.Offset.Hours), (byte)'0');
        Padded(Math.Abs(time.Offset.Minutes), (byte)'0');
        Write((byte)'"');
    }

    private void Padded(int number, byte padding)
    {
        Write(number < 10 ? padding : (byte)('0' + (number / 10)));
        Write((byte)('0' + (number % 10)));
    }

    private void Grow(int count)
    {
        Commit();
        _span = Output.GetSpan(Math.Max(count, Room));
    }
}
