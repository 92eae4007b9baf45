namespace MailServer.Protocol.Messages;

/// <summary>Reads the parts of a <see cref="PartTable"/> in order; returns false at its end or when it is truncated.</summary>
internal ref struct PartTableReader(ReadOnlySpan<byte> table)
{
    private ReadOnlySpan<byte> _rest = table;
    private long _headerOffset;

    public bool TryRead(out PartEntry part)
    {
        part = default;
        if (!TryReadNumber(out var kind) || !TryReadNumber(out var children) || !TryReadNumber(out var distance)
            || !TryReadNumber(out var headerLength) || !TryReadNumber(out var bodyLength)) return false;
        _headerOffset += distance;
        part = new PartEntry((PartKind)kind, (int)children, _headerOffset, headerLength, bodyLength);
        return true;
    }

    /// <summary>Skips a part and all its descendants.</summary>
    public bool TrySkip()
    {
        for (var left = 1L; left > 0; left--)
        {
            if (!TryRead(out var part)) return false;
            left += part.Children;
        }

        return true;
    }

    private bool TryReadNumber(out long value)
    {
        value = 0;
        for (int i = 0, shift = 0; i < _rest.Length && shift < 63; i++, shift += 7)
        {
            value |= (long)(_rest[i] & 0x7F) << shift;
            if (_rest[i] >= 0x80) continue;
            _rest = _rest[(i + 1)..];
            return true;
        }

        return false;
    }
}

/// <summary>One part of a <see cref="PartTable"/>.</summary>
internal readonly record struct PartEntry(PartKind Kind, int Children, long HeaderOffset, long HeaderLength, long BodyLength)
{
    public SectionRange Header => new(HeaderOffset, HeaderLength);

    public SectionRange Body => new(HeaderOffset + HeaderLength, BodyLength);

    public SectionRange Whole => new(HeaderOffset, HeaderLength + BodyLength);
}
