using System.Text;
using MailServer.Domain;

namespace MailServer.Protocol.Messages;

/// <summary>
/// Processes the header of each entity that the scanner finds: classifies the part and, if requested, writes the pieces of ENVELOPE and BODYSTRUCTURE
/// that do not depend on the body.
/// </summary>
internal sealed class PartDescriber : IDisposable
{
    private const int MaxBoundary = 256;

    private readonly WireBuilder _wire;
    private readonly ParameterListWriter _parameters;
    private readonly EnvelopeWriter? _envelopes;
    private readonly Limits _limits;

    /// <param name="limits">The parsing limits.</param>
    /// <param name="describes">False when only the structure is needed: kinds, encodings and charsets.</param>
    public PartDescriber(Limits limits, bool describes)
    {
        _limits = limits;
        _wire = new WireBuilder(2048);
        _parameters = new ParameterListWriter(_wire, limits.MaxMimeParameters);
        _envelopes = describes ? new EnvelopeWriter(_wire) : null;
    }

    /// <summary>The buffer that the slices of <see cref="MimePart"/> refer to.</summary>
    public WireBuilder Wire => _wire;

    /// <summary>False when the descriptions have reached their size limit and no more parts are accepted.</summary>
    public bool HasRoom => _wire.Length < _limits.MaxMimeDescription;

    /// <summary>Sets the properties of a part from its header.</summary>
    /// <param name="part">The entity.</param>
    /// <param name="header">The values in its header.</param>
    /// <param name="isMessage">Whether it is a message, which has an envelope.</param>
    /// <param name="inDigest">Whether it is a part of multipart/digest.</param>
    /// <param name="mayNest">False when its children would exceed the nesting limit.</param>
    public void Read(MimePart part, in HeaderValues header, bool isMessage, bool inDigest, bool mayNest)
    {
        part.Encoding = ReadEncoding(header);
        var type = ContentType.Read(header, inDigest);
        Classify(part, type, header, mayNest);
        if (_envelopes is null) return;
        if (isMessage)
        {
            var start = _wire.Length;
            _envelopes.Write(header);
            part.Envelope = _wire.SliceFrom(start);
        }

        if (part.Kind == PartKind.Multipart) DescribeMultipart(part, type, header);
        else DescribeSingle(part, IsOpaque(part, type) ? ContentType.OctetStream : type.IsMultipart ? ContentType.Default : type, header);
    }

    public void Dispose()
    {
        _parameters.Dispose();
        _envelopes?.Dispose();
        _wire.Dispose();
    }

    private void Classify(MimePart part, in ContentType type, in HeaderValues header, bool mayNest)
    {
        if (type.IsMultipart)
        {
            part.Boundary = ReadBoundary(header);
            part.IsDigest = Ascii.EqualsIgnoreCase(type.Subtype, "digest"u8);
            if (mayNest && part.Boundary is not null) part.Kind = PartKind.Multipart;
            // Without a boundary the Content-Type is malformed, which means plain text (RFC 2045 §5.2).
            else part.IsText = part.Boundary is null;
        }
        else if (type.IsMessage)
        {
            if (mayNest && part.Encoding == TransferEncoding.Identity) part.Kind = PartKind.Message;
        }
        else
        {
            part.IsText = type.IsText;
            if (part.IsText && _envelopes is null) DescribeText(part, type, header);
        }
    }

    private void DescribeText(MimePart part, in ContentType type, in HeaderValues header)
    {
        part.Charset = ReadCharset(header);
        part.TextKind = Ascii.EqualsIgnoreCase(type.Subtype, "plain"u8) ? TextKind.Plain : Ascii.EqualsIgnoreCase(type.Subtype, "html"u8) ? TextKind.Html : TextKind.Other;
        header.TryGet(KnownField.ContentDisposition, out var disposition);
        part.IsAttachment = Ascii.EqualsIgnoreCase(_parameters.Read(disposition).ReadToken(), "attachment"u8);
    }

    /// <summary>A container whose parts are not listed must not be announced as one, because clients would fetch its parts.</summary>
    private static bool IsOpaque(MimePart part, in ContentType type) =>
        (type.IsMultipart && !part.IsText) || (type.IsMessage && part.Kind == PartKind.Leaf);

    private byte[]? ReadBoundary(in HeaderValues header)
    {
        if (!TryReadParameter(header, "boundary"u8, out var reader)) return null;
        var boundary = reader.Value.TrimEnd(" \t"u8);
        return boundary.Length is 0 or > MaxBoundary ? null : [(byte)'-', (byte)'-', .. boundary];
    }

    private string? ReadCharset(in HeaderValues header) =>
        TryReadParameter(header, "charset"u8, out var reader) ? Encoding.ASCII.GetString(reader.Value) : null;

    private bool TryReadParameter(in HeaderValues header, ReadOnlySpan<byte> name, out ParameterReader reader)
    {
        header.TryGet(KnownField.ContentType, out var value);
        reader = _parameters.Read(value);
        while (reader.MoveNext())
        {
            if (Ascii.EqualsIgnoreCase(reader.Name, name)) return true;
        }

        return false;
    }

    private TransferEncoding ReadEncoding(in HeaderValues header)
    {
        header.TryGet(KnownField.ContentTransferEncoding, out var value);
        var token = _parameters.Read(value).ReadToken();
        return Ascii.EqualsIgnoreCase(token, "base64"u8) ? TransferEncoding.Base64
            : Ascii.EqualsIgnoreCase(token, "quoted-printable"u8) ? TransferEncoding.QuotedPrintable
            : TransferEncoding.Identity;
    }

    // body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
    private void DescribeMultipart(MimePart part, in ContentType type, in HeaderValues header)
    {
        var start = _wire.Length;
        _wire.Add((byte)' ');
        ImapStringWriter.AddString(_wire, type.Subtype);
        _wire.Add((byte)' ');
        AddTypeParameters(type, header);
        AddCommonExtensions(header);
        part.Fields = _wire.SliceFrom(start);
    }

    // body-type-1part = media-type SP media-subtype SP body-fields ...
    private void DescribeSingle(MimePart part, in ContentType type, in HeaderValues header)
    {
        var start = _wire.Length;
        ImapStringWriter.AddString(_wire, type.Type);
        _wire.Add((byte)' ');
        ImapStringWriter.AddString(_wire, type.Subtype);
        _wire.Add((byte)' ');
        AddTypeParameters(type, header);
        AddNString(header, KnownField.ContentId);
        AddNString(header, KnownField.ContentDescription);
        header.TryGet(KnownField.ContentTransferEncoding, out var encoding);
        var token = _parameters.Read(encoding).ReadToken();
        _wire.Add((byte)' ');
        ImapStringWriter.AddString(_wire, token.IsEmpty ? "7bit"u8 : token);
        part.Fields = _wire.SliceFrom(start);

        start = _wire.Length;
        AddNString(header, KnownField.ContentMd5);
        AddCommonExtensions(header);
        part.Extensions = _wire.SliceFrom(start);
    }

    private void AddTypeParameters(in ContentType type, in HeaderValues header)
    {
        if (type.IsDefaultText)
        {
            _wire.Add("(\"charset\" \"us-ascii\")"u8);
            return;
        }

        header.TryGet(KnownField.ContentType, out var value);
        var reader = _parameters.Read(value);
        _parameters.Write(ref reader);
    }

    // body-fld-dsp [SP body-fld-lang [SP body-fld-loc]]
    private void AddCommonExtensions(in HeaderValues header)
    {
        _wire.Add((byte)' ');
        header.TryGet(KnownField.ContentDisposition, out var disposition);
        var reader = _parameters.Read(disposition);
        var token = reader.ReadToken();
        if (token.IsEmpty)
        {
            _wire.Add("NIL"u8);
        }
        else
        {
            _wire.Add((byte)'(');
            ImapStringWriter.AddString(_wire, token);
            _wire.Add((byte)' ');
            _parameters.Write(ref reader);
            _wire.Add((byte)')');
        }

        AddLanguages(header);
        AddNString(header, KnownField.ContentLocation);
    }

    // body-fld-lang = nstring / "(" string *(SP string) ")"
    private void AddLanguages(in HeaderValues header)
    {
        header.TryGet(KnownField.ContentLanguage, out var value);
        var reader = _parameters.Read(value);
        _wire.Add((byte)' ');
        var start = _wire.Length;
        do
        {
            var language = reader.ReadToken();
            if (language.IsEmpty) continue;
            _wire.Add(_wire.Length == start ? (byte)'(' : (byte)' ');
            ImapStringWriter.AddString(_wire, language);
        }
        while (reader.TryTake((byte)','));

        _wire.Add(_wire.Length == start ? "NIL"u8 : ")"u8);
    }

    private void AddNString(in HeaderValues header, KnownField field)
    {
        _wire.Add((byte)' ');
        if (header.TryGet(field, out var text)) ImapStringWriter.AddString(_wire, text);
        else _wire.Add("NIL"u8);
    }
}
