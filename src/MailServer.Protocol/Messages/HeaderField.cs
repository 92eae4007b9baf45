namespace MailServer.Protocol.Messages;

/// <summary>One raw field of a header section.</summary>
public readonly ref struct HeaderField
{
    private HeaderField(ReadOnlySpan<byte> raw, int nameLength, int valueStart)
    {
        Raw = raw;
        Name = raw[..nameLength];
        ValueStart = valueStart;
    }

    /// <summary>The name without the colon; empty when the line is not a field (no colon, or an invalid name by RFC 5322 §3.6.8).</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The whole field with folded lines and its last line end.</summary>
    public ReadOnlySpan<byte> Raw { get; }

    /// <summary>The value after the colon, still folded, without surrounding white space.</summary>
    public ReadOnlySpan<byte> Value => Raw[ValueStart..].Trim(" \t\r\n"u8);

    internal int ValueStart { get; }

    /// <summary>Accepts white space between name and colon (RFC 5322 §4.5).</summary>
    internal static HeaderField Parse(ReadOnlySpan<byte> raw)
    {
        var colon = raw.IndexOf((byte)':');
        if (colon <= 0) return new HeaderField(raw, 0, 0);
        var name = raw[..colon].TrimEnd(" \t"u8);
        return name.IsEmpty || name.ContainsAnyExceptInRange((byte)'!', (byte)'~')
            ? new HeaderField(raw, 0, 0)
            : new HeaderField(raw, name.Length, colon + 1);
    }
}
