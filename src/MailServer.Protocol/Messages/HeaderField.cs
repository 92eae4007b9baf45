namespace MailServer.Protocol.Messages;

/// <summary>One field of a header section as it stands in the message.</summary>
public readonly ref struct HeaderField
{
    private HeaderField(ReadOnlySpan<byte> raw, int nameLength, int valueStart)
    {
        Raw = raw;
        Name = raw[..nameLength];
        ValueStart = valueStart;
    }

    /// <summary>The name without the colon; empty when the line is no field (it has no colon, or its name is none by RFC 5322 §3.6.8).</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>All of it with folded lines and the last line's end.</summary>
    public ReadOnlySpan<byte> Raw { get; }

    /// <summary>What follows the colon, still folded, without white space around it.</summary>
    public ReadOnlySpan<byte> Value => Raw[ValueStart..].Trim(" \t\r\n"u8);

    internal int ValueStart { get; }

    /// <summary>White space between name and colon is allowed (RFC 5322 §4.5).</summary>
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
