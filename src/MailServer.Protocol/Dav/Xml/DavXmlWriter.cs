using System.Buffers;
using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace MailServer.Protocol.Dav.Xml;

/// <summary>A growing buffer for writing UTF-8 XML. The sender empties it while a response is written.</summary>
public sealed class DavXmlWriter : IDisposable
{
    // XML 1.0 §2.2 allows no other control characters, and neither U+FFFE nor U+FFFF (which begin with the octet EF). CR is written as a character
    // reference, because parsers normalize a literal CR to LF.
    private static readonly SearchValues<byte> Special = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Where(c => c is not ('\t' or '\n')).Select(c => (byte)c), (byte)'&', (byte)'<', (byte)'>', (byte)'"', NonCharacterLead]);

    private const byte NonCharacterLead = 0xEF;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    /// <summary>Discards everything after the first <paramref name="length"/> octets.</summary>
    public void Truncate(int length) => Length = length;

    public DavXmlWriter Raw(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Reserve(text.Length));
        Length += text.Length;
        return this;
    }

    public DavXmlWriter Raw(string text)
    {
        Length += Encoding.UTF8.GetBytes(text, Reserve(Encoding.UTF8.GetMaxByteCount(text.Length)));
        return this;
    }

    /// <summary>Writes text escaped for content and attributes.</summary>
    public DavXmlWriter Text(string text)
    {
        var start = Length;
        Raw(text);
        if (_buffer.AsSpan(start, Length - start).IndexOfAny(Special) < 0) return this;
        Length = start;
        return Text(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Writes text escaped for content and attributes. Invalid UTF-8 is replaced.</summary>
    public DavXmlWriter Text(ReadOnlySpan<byte> text)
    {
        if (!System.Text.Unicode.Utf8.IsValid(text)) text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));
        while (!text.IsEmpty)
        {
            var plain = text.IndexOfAny(Special);
            if (plain < 0) return Raw(text);
            Raw(text[..plain]);
            text = text[plain..];
            if (text[0] == NonCharacterLead)
            {
                Raw(text is [_, 0xBF, 0xBE or 0xBF, ..] ? "\uFFFD"u8 : text[..3]);
                text = text[3..];
                continue;
            }

            Raw(text[0] switch
            {
                (byte)'&' => "&amp;"u8,
                (byte)'<' => "&lt;"u8,
                (byte)'>' => "&gt;"u8,
                (byte)'"' => "&quot;"u8,
                (byte)'\r' => "&#13;"u8,
                _ => "\uFFFD"u8,
            });
            text = text[1..];
        }

        return this;
    }

    public DavXmlWriter Number(long value)
    {
        value.TryFormat(Reserve(20), out var written, default, CultureInfo.InvariantCulture);
        Length += written;
        return this;
    }

    /// <summary>Writes a <c>&lt;D:href&gt;</c> element. The URL must already be percent-encoded.</summary>
    public DavXmlWriter Href(string href) => Raw("<D:href>"u8).Text(href).Raw("</D:href>"u8);

    public DavXmlWriter Empty(XName name) => Raw(XmlTag.Of(name).Empty.Span);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private Span<byte> Reserve(int length)
    {
        if (_buffer.Length - Length >= length) return _buffer.AsSpan(Length);
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, Length + length));
        _buffer.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
        return _buffer.AsSpan(Length);
    }
}
