using System.Text;
using MailServer.Protocol.Messages;
using MailServer.Protocol.Sieve.Bounds;
using MimeKit.Encodings;

namespace MailServer.Protocol.Sieve.Reading;

/// <summary>One MIME part of the message, read when a test asks for it.</summary>
internal sealed class SievePart
{
    private readonly SieveMessage _message;
    private readonly MimePart _part;
    private readonly Lazy<List<SieveField>> _fields;
    private readonly IReadOnlyList<SievePart> _children;
    private SieveMessage? _replacement;
    private string? _text;

    public SievePart(SieveMessage message, MimePart part)
    {
        _message = message;
        _part = part;
        _fields = new Lazy<List<SieveField>>(ReadFields);
        _children = [.. part.Children.Select(c => new SievePart(message, c))];
    }

    /// <summary>The message that the part belongs to.</summary>
    public SieveMessage Message => _message;

    public IReadOnlyList<SievePart> Children => _replacement?.Root.Children ?? _children;

    public IReadOnlyList<SieveField> Fields => _replacement?.Root.Fields ?? _fields.Value;

    /// <summary>Where the part begins in its message, with its header.</summary>
    public long Start => _part.HeaderOffset;

    /// <summary>Where the part ends in its message.</summary>
    public long End => _part.BodyOffset + _part.BodyLength;

    /// <summary>Replaces the part, with its header and the parts inside it (RFC 5703 §5).</summary>
    public void Replace(ReadOnlyMemory<byte> octets)
    {
        _replacement = _message.With([SievePiece.Of(octets)]);
        _text = null;
    }

    /// <summary>The parts below this one that were replaced, in their order.</summary>
    public IEnumerable<SievePart> Replaced() => _children.SelectMany(static c => c._replacement is null ? c.Replaced() : [c]);

    /// <summary>What stands in place of this part.</summary>
    public IEnumerable<SievePiece> NewPieces() => _replacement!.With([]) is var _ ? _replacement.AllPieces() : [];

    public long BodyOffset => _part.BodyOffset;

    public bool IsMultipart => _replacement?.Root.IsMultipart ?? _part.Kind == PartKind.Multipart;

    public bool IsMessage => _replacement?.Root.IsMessage ?? _part.Kind == PartKind.Message;

    /// <summary>The media type and subtype in lower case (RFC 2045 §5.2: text/plain without a usable field).</summary>
    public (string Type, string Subtype) MediaType
    {
        get
        {
            var header = Fields.FirstOrDefault(static f => f.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase));
            var type = header is null ? ContentType.Default : ContentType.Read(header.Value);
            // "text/plain/other" is no type that anybody knows.
            if (header is not null && header.Value.Count((byte)'/') > 1 && MimeValue.HasMoreThanSubtype(header)) type = ContentType.OctetStream;
            return (Encoding.UTF8.GetString(type.Type).ToLowerInvariant(), Encoding.UTF8.GetString(type.Subtype).ToLowerInvariant());
        }
    }

    /// <summary>This part and all parts inside it, each before its children.</summary>
    public IEnumerable<SievePart> All()
    {
        var children = Children;
        yield return this;
        // A part that is replaced meanwhile has no parts any more for this loop.
        if (children != Children) yield break;
        foreach (var child in children)
        {
            foreach (var part in child.All()) yield return part;
        }
    }

    /// <summary>The text that a person sees: HTML without its elements; null if the part is not text or cannot be decoded.</summary>
    public string? VisibleText(SieveBudget budget, SieveLimits limits)
    {
        var (type, subtype) = MediaType;
        var isHtml = subtype is "html" or "xhtml+xml";
        if ((type != "text" && !(type == "application" && isHtml)) || !HasKnownEncoding) return null;
        var text = Text(budget, limits);
        return isHtml ? HtmlText.Of(text, "\r\n") : text;
    }

    /// <summary>The header as it stands in the message, without the blank line.</summary>
    public string RawHeader(SieveBudget budget)
    {
        if (_replacement is not null) return _replacement.Root.RawHeader(budget);
        budget.Charge(_part.BodyOffset - _part.HeaderOffset);
        var header = Encoding.UTF8.GetString(EncodedWords.ToUtf8(_message.Read(_part.HeaderOffset, _part.BodyOffset - _part.HeaderOffset)));
        return header.EndsWith("\r\n\r\n", StringComparison.Ordinal) ? header[..^2] : header.EndsWith("\n\n", StringComparison.Ordinal) ? header[..^1] : header;
    }

    // RFC 2045 §6.4: what is encoded in an unknown way is not text.
    private bool HasKnownEncoding => Fields.FirstOrDefault(static f => f.Name.Equals("Content-Transfer-Encoding", StringComparison.OrdinalIgnoreCase)) is not { } encoding
        || MimeValue.Type(encoding).ToLowerInvariant() is "" or "7bit" or "8bit" or "binary" or "base64" or "quoted-printable";

    /// <summary>The body without its transfer encoding, as text; the first octets of a large one.</summary>
    public string Text(SieveBudget budget, SieveLimits limits)
    {
        if (_replacement is not null) return _replacement.Root.Text(budget, limits);
        budget.Charge(Math.Min(_part.BodyLength, limits.MaxPartText));
        return _text ??= Decode(limits);
    }

    /// <summary>The octets of the body as they are, each UTF-8 sequence as one character.</summary>
    public string Raw(SieveBudget budget, SieveLimits limits)
    {
        if (_replacement is not null) return _replacement.Root.Raw(budget, limits);
        budget.Charge(Math.Min(_part.BodyLength, limits.MaxPartText));
        return Encoding.UTF8.GetString(EncodedWords.ToUtf8(_message.Read(_part.BodyOffset, Math.Min(_part.BodyLength, limits.MaxPartText))));
    }

    /// <summary>The text before the first and after the last part of a multipart (RFC 5173 §5.2).</summary>
    public string AroundParts(SieveBudget budget, SieveLimits limits)
    {
        if (_replacement is not null) return _replacement.Root.AroundParts(budget, limits);
        if (_part.Children.Count == 0) return Raw(budget, limits);
        var (first, last) = (_part.Children[0], _part.Children[^1]);
        var end = last.BodyOffset + last.BodyLength;
        budget.Charge(Math.Min(_part.BodyLength, 2L * limits.MaxPartText));
        var before = _message.Read(_part.BodyOffset, Math.Min(first.HeaderOffset - _part.BodyOffset, limits.MaxPartText));
        var after = _message.Read(end, Math.Min(_part.BodyOffset + _part.BodyLength - end, limits.MaxPartText));
        return WithoutDelimiters(before) + WithoutDelimiters(after);
    }

    private string WithoutDelimiters(byte[] octets)
    {
        var boundary = Encoding.Latin1.GetString(_part.Boundary ?? "--"u8);
        var lines = Encoding.UTF8.GetString(EncodedWords.ToUtf8(octets)).Split("\n");
        return string.Join('\n', lines.Where(l => !l.StartsWith(boundary, StringComparison.Ordinal)));
    }

    private List<SieveField> ReadFields() =>
        SieveField.ReadAll(_message.Read(_part.HeaderOffset, _part.BodyOffset - _part.HeaderOffset), SieveLimits.Default.MaxHeaderFields);

    private string Decode(SieveLimits limits)
    {
        var octets = _message.Read(_part.BodyOffset, Math.Min(_part.BodyLength, 2L * limits.MaxPartText));
        IMimeDecoder? transfer = _part.Encoding switch
        {
            TransferEncoding.Base64 => new Base64Decoder(),
            TransferEncoding.QuotedPrintable => new QuotedPrintableDecoder(),
            _ => null,
        };
        ReadOnlySpan<byte> decoded = octets;
        if (transfer is not null)
        {
            var output = new byte[transfer.EstimateOutputLength(octets.Length)];
            decoded = output.AsSpan(0, transfer.Decode(octets, 0, octets.Length, output));
        }

        decoded = decoded[..Math.Min(decoded.Length, limits.MaxPartText)];
        return _part.Charset is null ? Encoding.UTF8.GetString(EncodedWords.ToUtf8(decoded)) : Charsets.Find(_part.Charset).GetString(decoded);
    }
}
