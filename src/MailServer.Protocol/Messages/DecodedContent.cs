using System.Text;
using MailServer.Domain.Messages;
using MimeKit.Encodings;

namespace MailServer.Protocol.Messages;

/// <summary>
/// A part of a message without its transfer encoding, decoded while it is read. Memory use does not depend on its size; reading backwards starts again.
/// Disposing it does not dispose the message.
/// </summary>
internal sealed class DecodedContent : MessageContent
{
    private const int PieceSize = 16 * 1024;

    private readonly MessageContent _content;
    private readonly SectionRange _range;
    private readonly TransferEncoding _encoding;
    private readonly byte[] _octets = new byte[PieceSize];
    private byte[] _decoded = [];
    private IMimeDecoder? _decoder;
    private long _read;
    private long _start;
    private int _count;

    /// <summary>Decodes the whole part once to learn its size.</summary>
    public DecodedContent(MessageContent content, SectionRange range, TransferEncoding encoding)
    {
        (_content, _range, _encoding) = (content, range, encoding);
        Restart();
        while (DecodePiece())
        {
            Length += _count;
            HasNul |= _decoded.AsSpan(0, _count).Contains((byte)0);
        }

        Restart();
    }

    public override long Length { get; }

    public bool HasNul { get; }

    public override int Read(long offset, Span<byte> destination)
    {
        if (offset < _start) Restart();
        while (offset >= _start + _count)
            if (!DecodePiece()) return 0;
        var available = _decoded.AsSpan((int)(offset - _start), (int)(_start + _count - offset));
        var taken = Math.Min(available.Length, destination.Length);
        available[..taken].CopyTo(destination);
        return taken;
    }

    /// <summary>The transfer encoding of a part by its header; null if it is not known.</summary>
    public static TransferEncoding? EncodingOf(ReadOnlySpan<byte> header)
    {
        // A container is not encoded, whatever it states (RFC 2045 §6.4).
        if (HeaderFields.TryFind(header, "Content-Type"u8, out var type) && ContentType.Read(type.Value) is { IsMultipart: true }) return TransferEncoding.Identity;
        if (!HeaderFields.TryFind(header, "Content-Transfer-Encoding"u8, out var field)) return TransferEncoding.Identity;
        var token = new ParameterReader(field.Value.Trim(" \t\r\n"u8), null!).ReadToken();
        if (Ascii.EqualsIgnoreCase(token, "base64"u8)) return TransferEncoding.Base64;
        if (Ascii.EqualsIgnoreCase(token, "quoted-printable"u8)) return TransferEncoding.QuotedPrintable;
        var isIdentity = token.IsEmpty || Ascii.EqualsIgnoreCase(token, "7bit"u8) || Ascii.EqualsIgnoreCase(token, "8bit"u8) || Ascii.EqualsIgnoreCase(token, "binary"u8);
        return isIdentity ? TransferEncoding.Identity : null;
    }

    private void Restart()
    {
        (_read, _start, _count) = (0, 0, 0);
        _decoder = _encoding switch
        {
            TransferEncoding.Base64 => new Base64Decoder(),
            TransferEncoding.QuotedPrintable => new QuotedPrintableDecoder(),
            _ => null,
        };
    }

    /// <summary>Decodes the next piece, which may be empty; false at the end.</summary>
    private bool DecodePiece()
    {
        var wanted = (int)Math.Min(PieceSize, _range.Count - _read);
        var read = wanted == 0 ? 0 : _content.Read(_range.Offset + _read, _octets.AsSpan(0, wanted));
        if (read <= 0) return false;
        _read += read;
        _start += _count;
        var needed = _decoder?.EstimateOutputLength(read) ?? read;
        if (_decoded.Length < needed) _decoded = new byte[needed];
        if (_decoder is not null) _count = _decoder.Decode(_octets, 0, read, _decoded);
        else _octets.AsSpan(0, read).CopyTo(_decoded);
        if (_decoder is null) _count = read;
        return true;
    }
}
