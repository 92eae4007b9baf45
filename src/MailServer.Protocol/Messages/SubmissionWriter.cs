using System.Buffers;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Messages;

namespace MailServer.Protocol.Messages;

/// <summary>Writes a message whose structure is known, with the corrections of <see cref="SubmissionEncoder"/>.</summary>
internal sealed class SubmissionWriter(MessageContent content, Limits limits, IBufferWriter<byte> output)
{
    private const int Block = 32 * 1024;

    private readonly CheckedWriter _output = new(output);

    private enum BodyEncoding
    {
        Unchanged,
        QuotedPrintable,
        Base64,

        /// <summary>Already encoded, in lines that are too long.</summary>
        QuotedPrintableAgain,
        Base64Again,
    }

    public static bool HasBlindCopies(ReadOnlySpan<byte> header)
    {
        foreach (var field in HeaderFields.Enumerate(header))
            if (IsBlindCopy(field)) return true;
        return false;
    }

    /// <summary>False when a line is still too long.</summary>
    public bool Write(MimePart message)
    {
        WriteEntity(message, isMessage: true, isOuter: true);
        return !_output.Lines.IsExceeded;
    }

    private static bool IsBlindCopy(HeaderField field) => Ascii.EqualsIgnoreCase(field.Name, "Bcc"u8) || Ascii.EqualsIgnoreCase(field.Name, "Resent-Bcc"u8);

    private void WriteEntity(MimePart part, bool isMessage, bool isOuter)
    {
        var end = part.BodyOffset + Math.Max(0, part.BodyLength);
        var headerLength = part.BodyOffset - part.HeaderOffset;
        if (headerLength > limits.MaxHeaderSize)
        {
            Copy(part.HeaderOffset, end);
            return;
        }

        var header = content.ReadRange(part.HeaderOffset, (int)headerLength);
        var encoding = part.Kind == PartKind.Leaf ? Choose(part, header) : BodyEncoding.Unchanged;
        WriteHeader(header, encoding, isMessage, isOuter);
        if (encoding != BodyEncoding.Unchanged) WriteEncoded(part.BodyOffset, end, encoding);
        else if (part.Kind == PartKind.Leaf || IsProtected(header)) Copy(part.BodyOffset, end);
        else WriteChildren(part, end);
    }

    private void WriteChildren(MimePart part, long end)
    {
        var at = part.BodyOffset;
        foreach (var child in part.Children)
        {
            Copy(at, child.HeaderOffset);
            WriteEntity(child, isMessage: part.Kind == PartKind.Message, isOuter: false);
            at = child.BodyOffset + Math.Max(0, child.BodyLength);
        }

        Copy(at, end);
    }

    private void WriteHeader(ReadOnlySpan<byte> header, BodyEncoding encoding, bool isMessage, bool isOuter)
    {
        var declares = encoding is BodyEncoding.QuotedPrintable or BodyEncoding.Base64;
        var isMime = false;
        var read = 0;
        foreach (var field in HeaderFields.Enumerate(header))
        {
            read += field.Raw.Length;
            isMime |= Ascii.EqualsIgnoreCase(field.Name, "MIME-Version"u8);
            if (isOuter && IsBlindCopy(field)) continue;
            if (declares && Ascii.EqualsIgnoreCase(field.Name, "Content-Transfer-Encoding"u8)) continue;
            HeaderFolder.Write(_output, field);
        }

        if (declares && isMessage && !isMime) _output.Write("MIME-Version: 1.0\r\n"u8);
        if (declares) _output.Write(encoding == BodyEncoding.Base64 ? "Content-Transfer-Encoding: base64\r\n"u8 : "Content-Transfer-Encoding: quoted-printable\r\n"u8);
        _output.Write(header[read..]);
    }

    private BodyEncoding Choose(MimePart part, ReadOnlySpan<byte> header)
    {
        // The only part of a multipart without delimiters has no header in which to declare the encoding.
        if (header.IsEmpty || !LineLength.Exceeds(content, part.BodyOffset, part.BodyLength)) return BodyEncoding.Unchanged;
        // RFC 2046 §5.2: the types below message/ and multipart/ must not be encoded.
        var type = TypeOf(header);
        if (Ascii.EqualsIgnoreCase(type.Type, "message"u8) || type.IsMultipart) return BodyEncoding.Unchanged;
        if (part.Encoding == TransferEncoding.QuotedPrintable) return BodyEncoding.QuotedPrintableAgain;
        if (part.Encoding == TransferEncoding.Base64) return BodyEncoding.Base64Again;
        if (!IsIdentity(header) || HasOpenPgp(part)) return BodyEncoding.Unchanged;
        return type.IsText ? BodyEncoding.QuotedPrintable : BodyEncoding.Base64;
    }

    private static ContentType TypeOf(ReadOnlySpan<byte> header) =>
        HeaderFields.TryFind(header, "Content-Type"u8, out var field) ? ContentType.Read(field.Value) : ContentType.Default;

    /// <summary>True when the body is stated to be as it was written: without a transfer encoding, or with an identity encoding (RFC 2045 §6.2).</summary>
    private static bool IsIdentity(ReadOnlySpan<byte> header)
    {
        if (!HeaderFields.TryFind(header, "Content-Transfer-Encoding"u8, out var field)) return true;
        var encoding = new ParameterReader(field.Value, null!).ReadToken();
        return encoding.IsEmpty || Ascii.EqualsIgnoreCase(encoding, "7bit"u8) || Ascii.EqualsIgnoreCase(encoding, "8bit"u8) || Ascii.EqualsIgnoreCase(encoding, "binary"u8);
    }

    /// <summary>RFC 1847: what was signed or encrypted must arrive as it was written.</summary>
    private static bool IsProtected(ReadOnlySpan<byte> header)
    {
        var type = TypeOf(header);
        return type.IsMultipart && (Ascii.EqualsIgnoreCase(type.Subtype, "signed"u8) || Ascii.EqualsIgnoreCase(type.Subtype, "encrypted"u8));
    }

    /// <summary>A clear-signed or encrypted text in the manner of OpenPGP (RFC 9580 §7).</summary>
    private bool HasOpenPgp(MimePart part)
    {
        var mark = "-----BEGIN PGP "u8;
        for (var at = part.BodyOffset; at < part.BodyOffset + part.BodyLength; at += Block - mark.Length)
        {
            var length = (int)Math.Min(Block, part.BodyOffset + part.BodyLength - at);
            if (content.ReadRange(at, length).AsSpan().IndexOf(mark) >= 0) return true;
        }

        return false;
    }

    private void WriteEncoded(long from, long to, BodyEncoding encoding)
    {
        var quoted = new QuotedPrintableWriter(_output, encoding == BodyEncoding.QuotedPrintableAgain);
        var base64 = new Base64Writer(_output, encoding == BodyEncoding.Base64Again);
        var isText = encoding is BodyEncoding.QuotedPrintable or BodyEncoding.QuotedPrintableAgain;
        Read(from, to, piece =>
        {
            if (isText) quoted.Write(piece);
            else base64.Write(piece);
        });
        quoted.End();
        base64.End();
    }

    private void Copy(long from, long to) => Read(from, to, piece => _output.Write(piece));

    private void Read(long from, long to, Action<ReadOnlySpan<byte>> take)
    {
        var block = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            while (from < to && content.Read(from, block.AsSpan(0, (int)Math.Min(Block, to - from))) is > 0 and var read)
            {
                take(block.AsSpan(0, read));
                from += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>Passes octets through and measures the lines.</summary>
    private sealed class CheckedWriter(IBufferWriter<byte> target) : IBufferWriter<byte>
    {
        private Memory<byte> _memory;
        private LineLength _lines;

        public LineLength Lines => _lines;

        public void Advance(int count)
        {
            _lines.Add(_memory.Span[..count]);
            target.Advance(count);
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => _memory = target.GetMemory(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
