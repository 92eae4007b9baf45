using System.Buffers;
using System.Text;
using MailServer.Domain;
using MimeKit.Encodings;

namespace MailServer.Protocol.Messages;

/// <summary>Searches the text parts of a message piece by piece, with transfer encoding and charset decoded. HTML is searched as source text.</summary>
internal sealed class TextSearch<TText> : IDisposable
    where TText : ITextVisitor
{
    private const int PieceSize = 16 * 1024;
    private const int MostMarks = 64;

    private readonly ContentWindow _window;
    private readonly Limits _limits;
    private readonly TText _text;
    private readonly byte[] _octets = ArrayPool<byte>.Shared.Rent(PieceSize);
    private byte[] _decoded = [];
    private char[] _chars = [];

    public TextSearch(ContentWindow window, Limits limits, TText text)
    {
        _window = window;
        _limits = limits;
        _text = text;
    }

    public bool Contains(MimePart message, bool includeHeader)
    {
        if (includeHeader && HeaderContains(message)) return true;
        return message.Kind switch
        {
            // The headers of parts and of embedded messages belong to the body (RFC 9051 §6.4.4), among them the names of attachments.
            PartKind.Multipart or PartKind.Message => AnyChildContains(message),
            _ => message.IsText && BodyContains(message),
        };
    }

    /// <summary>The header section of a message or part.</summary>
    public ReadOnlySpan<byte> Header(MimePart message)
    {
        var length = (int)Math.Min(message.BodyOffset - message.HeaderOffset, _limits.MaxHeaderSize);
        return _window.Peek(message.HeaderOffset, length)[..length];
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_octets);
        if (_decoded.Length > 0) ArrayPool<byte>.Shared.Return(_decoded);
        if (_chars.Length > 0) ArrayPool<char>.Shared.Return(_chars);
    }

    private bool AnyChildContains(MimePart part)
    {
        foreach (var child in part.Children)
        {
            if (Contains(child, includeHeader: true)) return true;
        }

        return false;
    }

    private bool HeaderContains(MimePart message) => HeaderTextSearch.SectionContains(Header(message), _text);

    private bool BodyContains(MimePart part)
    {
        var encoding = Charsets.Find(part.Charset);
        var charset = encoding.GetDecoder();
        IMimeDecoder? transfer = part.Encoding switch
        {
            TransferEncoding.Base64 => new Base64Decoder(),
            TransferEncoding.QuotedPrintable => new QuotedPrintableDecoder(),
            _ => null,
        };
        var kept = 0;
        for (long at = 0; at < part.BodyLength;)
        {
            var octets = _window.Peek(part.BodyOffset + at, 1);
            if (octets.IsEmpty) return false;
            octets = octets[..(int)Math.Min(Math.Min(octets.Length, PieceSize), part.BodyLength - at)];
            at += octets.Length;
            var decoded = Decode(octets, transfer);
            ReserveChars(kept, encoding.GetMaxCharCount(decoded.Length));
            if (PieceContains(decoded, charset, flush: at == part.BodyLength, ref kept)) return true;
        }

        return false;
    }

    /// <summary>Makes room for characters behind those that were kept.</summary>
    private void ReserveChars(int kept, int more)
    {
        if (_chars.Length >= kept + more) return;
        var larger = ArrayPool<char>.Shared.Rent(kept + more);
        _chars.AsSpan(0, kept).CopyTo(larger);
        if (_chars.Length > 0) ArrayPool<char>.Shared.Return(_chars);
        _chars = larger;
    }

    private ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> octets, IMimeDecoder? transfer)
    {
        if (transfer is null) return octets;
        octets.CopyTo(_octets);
        // A decoder that stopped inside an escape asks for more room than a new one.
        var needed = transfer.EstimateOutputLength(octets.Length);
        if (_decoded.Length < needed)
        {
            if (_decoded.Length > 0) ArrayPool<byte>.Shared.Return(_decoded);
            _decoded = ArrayPool<byte>.Shared.Rent(needed);
        }

        return _decoded.AsSpan(0, transfer.Decode(_octets, 0, octets.Length, _decoded));
    }

    /// <summary>
    /// Searches one piece. The end of each piece is kept before the next one, so that matches across the boundary are found. Pieces begin and end between
    /// letters: the order of marks after folding depends on all marks of a letter, and the result must not depend on where the text is divided.
    /// </summary>
    private bool PieceContains(ReadOnlySpan<byte> decoded, Decoder charset, bool flush, ref int kept)
    {
        var length = kept + charset.GetChars(decoded, _chars.AsSpan(kept), flush);
        var chars = _chars.AsSpan(0, length);
        var end = flush || length == 0 ? length : LetterBefore(chars, length - 1);
        if (_text.IsIn(chars[..end])) return true;
        var next = end == 0 ? 0 : LetterBefore(chars, Math.Max(0, end - 1 - _text.Overlap));
        chars[next..].CopyTo(_chars);
        kept = length - next;
        return false;
    }

    /// <summary>The beginning of the letter that a character belongs to. More marks than any language has are divided.</summary>
    private static int LetterBefore(ReadOnlySpan<char> chars, int at)
    {
        var begin = at;
        while (begin > 0 && at - begin < MostMarks && (char.IsLowSurrogate(chars[begin]) || UnicodeCasemap.IsMark(chars[begin]))) begin--;
        return begin;
    }
}
