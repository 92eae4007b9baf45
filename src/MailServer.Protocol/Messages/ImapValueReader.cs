namespace MailServer.Protocol.Messages;

/// <summary>Reads IMAP response data value by value: strings, literals, atoms, numbers, lists.</summary>
internal ref struct ImapValueReader(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    public readonly bool AtList => _rest.StartsWith((byte)'(');

    public bool TryOpen() => TryTake((byte)'(');

    /// <summary>Consumes the end of a list and the space after it.</summary>
    public bool TryClose()
    {
        if (!TryTake((byte)')')) return false;
        TryTake((byte)' ');
        return true;
    }

    /// <summary>The next raw value; empty at the end of the list or text, and when the value is malformed.</summary>
    public ReadOnlySpan<byte> Next()
    {
        var start = _rest;
        var depth = 0;
        do
        {
            if (TryOpen())
            {
                depth++;
            }
            else if (depth > 0 && TryTake((byte)')'))
            {
                depth--;
            }
            else if (!TrySkipString())
            {
                return default;
            }

            if (depth > 0) TryTake((byte)' ');
        }
        while (depth > 0);

        var value = start[..^_rest.Length];
        TryTake((byte)' ');
        return value;
    }

    private bool TrySkipString()
    {
        var length = _rest.IsEmpty ? 0 : _rest[0] switch
        {
            (byte)'"' => QuotedLength(_rest),
            (byte)'{' => LiteralLength(_rest),
            _ => _rest.IndexOfAny(" ()"u8) is >= 0 and var end ? end : _rest.Length,
        };
        if (length == 0) return false;
        _rest = _rest[length..];
        return true;
    }

    private static int QuotedLength(ReadOnlySpan<byte> text)
    {
        var at = 1;
        while (true)
        {
            var next = text[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0) return 0;
            at += next;
            if (text[at] == '"') return at + 1;
            at += 2;
            if (at > text.Length) return 0;
        }
    }

    private static int LiteralLength(ReadOnlySpan<byte> text)
    {
        var close = text.IndexOf("}\r\n"u8);
        return close > 0 && int.TryParse(text[1..close], out var count) && count >= 0 && count <= text.Length - close - 3
            ? close + 3 + count
            : 0;
    }

    private bool TryTake(byte octet)
    {
        if (!_rest.StartsWith(octet)) return false;
        _rest = _rest[1..];
        return true;
    }
}
