namespace MailServer.Protocol.Messages;

/// <summary>The transfer encoding of a part (RFC 2045 §6), as far as search needs it.</summary>
internal enum TransferEncoding
{
    Identity,
    QuotedPrintable,
    Base64,
}

/// <summary>The text types that a preview understands.</summary>
internal enum TextKind
{
    Other,
    Plain,
    Html,
}

/// <summary>One entity found by <see cref="StructureScanner"/>: a message, or a part of one.</summary>
internal sealed class MimePart(long headerOffset)
{
    public PartKind Kind { get; set; }

    public long HeaderOffset { get; } = headerOffset;

    public long BodyOffset { get; set; }

    public long BodyLength { get; set; }

    /// <summary>The number of line ends in the body.</summary>
    public long Lines { get; set; }

    /// <summary>The parts of a multipart, or the single embedded message of a message/rfc822.</summary>
    public List<MimePart> Children { get; } = [];

    /// <summary>The boundary of a multipart, including its two leading hyphens.</summary>
    public byte[]? Boundary { get; set; }

    public bool IsText { get; set; }

    /// <summary>The subtype of a text part; only set when the part will be read as text.</summary>
    public TextKind TextKind { get; set; }

    /// <summary>The sender has marked the part as an attachment; only set when the part will be read as text.</summary>
    public bool IsAttachment { get; set; }

    /// <summary>Whether parts without a Content-Type are messages (RFC 2046 §5.1.5).</summary>
    public bool IsDigest { get; set; }

    public TransferEncoding Encoding { get; set; }

    /// <summary>The charset parameter of a text part; only set when the part will be searched.</summary>
    public string? Charset { get; set; }

    /// <summary>BODYSTRUCTURE up to the size; for a multipart, everything after its parts.</summary>
    public WireSlice Fields { get; set; }

    /// <summary>The extension data of BODYSTRUCTURE.</summary>
    public WireSlice Extensions { get; set; }

    /// <summary>The ENVELOPE of a message.</summary>
    public WireSlice Envelope { get; set; }
}
