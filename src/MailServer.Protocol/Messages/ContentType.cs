using System.Text;

namespace MailServer.Protocol.Messages;

/// <summary>The media type and subtype of an entity (RFC 2045 §5).</summary>
internal readonly ref struct ContentType(ReadOnlySpan<byte> type, ReadOnlySpan<byte> subtype, bool isDefaultText = false)
{
    public ReadOnlySpan<byte> Type { get; } = type;

    public ReadOnlySpan<byte> Subtype { get; } = subtype;

    /// <summary>True when the message does not state the type, so that its charset is US-ASCII (RFC 2045 §5.2).</summary>
    public bool IsDefaultText { get; } = isDefaultText;

    public static ContentType Default => new("text"u8, "plain"u8, isDefaultText: true);

    public static ContentType OctetStream => new("application"u8, "octet-stream"u8);

    public bool IsText => Ascii.EqualsIgnoreCase(Type, "text"u8);

    public bool IsMultipart => Ascii.EqualsIgnoreCase(Type, "multipart"u8);

    /// <summary>An embedded message: RFC 2046 §5.2.1, RFC 6532 §3.7.</summary>
    public bool IsMessage => Ascii.EqualsIgnoreCase(Type, "message"u8)
        && (Ascii.EqualsIgnoreCase(Subtype, "rfc822"u8) || Ascii.EqualsIgnoreCase(Subtype, "global"u8));

    /// <summary>Parses Content-Type; returns the default when the field is missing or malformed (RFC 2045 §5.2, RFC 2046 §5.1.5).</summary>
    public static ContentType Read(in HeaderValues header, bool inDigest)
    {
        if (header.TryGet(KnownField.ContentType, out var value) && TryRead(value, out var type)) return type;
        return inDigest ? new ContentType("message"u8, "rfc822"u8) : Default;
    }

    /// <summary>Parses the value of a Content-Type field; returns the default when it is malformed.</summary>
    public static ContentType Read(ReadOnlySpan<byte> value) => TryRead(value, out var type) ? type : Default;

    private static bool TryRead(ReadOnlySpan<byte> value, out ContentType result)
    {
        var reader = new ParameterReader(value, null!);
        var type = reader.ReadToken();
        var slash = reader.TryTake((byte)'/');
        var subtype = reader.ReadToken();
        result = new ContentType(type, subtype);
        return slash && IsToken(type) && IsToken(subtype);
    }

    private static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange((byte)'!', (byte)'~');
}
