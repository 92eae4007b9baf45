namespace MailServer.Protocol.Messages;

/// <summary>How the octets of a part are encoded (RFC 2045 §6), as far as their text can be searched.</summary>
internal enum TransferEncoding
{
    Identity,
    QuotedPrintable,
    Base64,
}

/// <summary>One entity found by <see cref="StructureScanner"/>: a message, or a part of one.</summary>
internal sealed class MimePart(long headerOffset)
{
    public PartKind Kind { get; set; }

    public long HeaderOffset { get; } = headerOffset;

    public long BodyOffset { get; set; }

    public long BodyLength { get; set; }

    /// <summary>Line ends in the body.</summary>
    public long Lines { get; set; }

    /// <summary>The parts of a multipart, or the message of a message/rfc822.</summary>
    public List<MimePart> Children { get; } = [];

    /// <summary>With the two hyphens before it; set for a multipart.</summary>
    public byte[]? Boundary { get; set; }

    public bool IsText { get; set; }

    /// <summary>Whether parts without a Content-Type are messages (RFC 2046 §5.1.5).</summary>
    public bool IsDigest { get; set; }

    public TransferEncoding Encoding { get; set; }

    /// <summary>The charset parameter of a text; kept when the part is going to be searched.</summary>
    public string? Charset { get; set; }

    /// <summary>BODYSTRUCTURE up to the size (of a multipart: all after its parts).</summary>
    public WireSlice Fields { get; set; }

    /// <summary>BODYSTRUCTURE's extension data.</summary>
    public WireSlice Extensions { get; set; }

    /// <summary>Of a message.</summary>
    public WireSlice Envelope { get; set; }
}
