using System.Runtime.CompilerServices;

namespace MailServer.Protocol.Messages;

/// <summary>The positions of the known fields' values in one header section. If a field is repeated, the first one counts.</summary>
internal ref struct HeaderValues
{
    private readonly ReadOnlySpan<byte> _section;
    private Slots _slots;

    /// <summary>Scans a section once and adds the raw cacheable fields to <paramref name="cache"/>.</summary>
    public HeaderValues(ReadOnlySpan<byte> section, WireBuilder? cache)
    {
        _section = section;
        var position = 0;
        foreach (var field in HeaderFields.Enumerate(section))
        {
            var known = KnownFieldNames.Find(field.Name, out var isCached);
            if (isCached && cache is not null) HeaderFields.WriteLines(field.Raw, cache);
            if (known is not (KnownField.None or KnownField.Other) && _slots[(int)known].Start == 0)
                _slots[(int)known] = new WireSlice(position + field.ValueStart, field.Raw.Length - field.ValueStart);
            position += field.Raw.Length;
        }
    }

    /// <summary>The value, still folded, without surrounding white space; empty when the field is empty.</summary>
    public readonly bool TryGet(KnownField field, out ReadOnlySpan<byte> value)
    {
        var slot = _slots[(int)field];
        value = _section.Slice(slot.Start, slot.Length).Trim(" \t\r\n\0"u8);
        // A value never starts at 0, because its name precedes it.
        return slot.Start > 0;
    }

    [InlineArray((int)KnownField.Other)]
    private struct Slots
    {
        private WireSlice _first;
    }
}
