namespace MailServer.Protocol.Messages;

/// <summary>Enumerates the fields of a header section up to its blank line or end. Lines end with CRLF or LF.</summary>
public ref struct HeaderFieldEnumerator(ReadOnlySpan<byte> headerSection)
{
    private ReadOnlySpan<byte> _rest = headerSection;

    public HeaderField Current { get; private set; }

    public readonly HeaderFieldEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty || _rest[0] == '\n' || _rest.StartsWith("\r\n"u8)) return false;
        var length = LineLength(_rest);
        while (length < _rest.Length && _rest[length] is (byte)' ' or (byte)'\t') length += LineLength(_rest[length..]);
        Current = HeaderField.Parse(_rest[..length]);
        _rest = _rest[length..];
        return true;
    }

    private static int LineLength(ReadOnlySpan<byte> text) => text.IndexOf((byte)'\n') is >= 0 and var end ? end + 1 : text.Length;
}
