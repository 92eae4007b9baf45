namespace MailServer.Protocol.Messages;

/// <summary>
/// Where every MIME part of a message lies: a few octets a part, kept beside the message so that <c>BODY[2.1]</c> needs no parsing.
/// Parts stand in pre-order, the message first; each is five varints: kind, number of children, header offset (counted from the header
/// offset of the part before it), header length, body length. Written by <see cref="PartTableWriter"/>.
/// </summary>
public static class PartTable
{
    /// <summary>The octets that a section names; false when the message has no such section (RFC 9051 §6.4.5.1).</summary>
    public static bool TryFind(ReadOnlySpan<byte> table, ReadOnlySpan<int> path, SectionText text, out SectionRange range)
    {
        range = default;
        var reader = new PartTableReader(table);
        if (!reader.TryRead(out var part)) return false;
        if (path.IsEmpty)
        {
            range = text switch
            {
                SectionText.None => part.Whole,
                SectionText.Header => part.Header,
                SectionText.Text => part.Body,
                _ => default,
            };
            return text != SectionText.Mime;
        }

        // The message is entered like one that a message/rfc822 holds: a multipart's parts are numbered, anything else is its own part 1.
        if (!TryEnter(ref reader, ref part, path[0])) return false;
        foreach (var number in path[1..])
        {
            if (!TryDescend(ref reader, ref part, number)) return false;
        }

        return TrySelect(ref reader, part, text, out range);
    }

    private static bool TryDescend(ref PartTableReader reader, ref PartEntry part, int number) => part.Kind switch
    {
        PartKind.Multipart => TryChild(ref reader, ref part, number),
        PartKind.Message => reader.TryRead(out part) && TryEnter(ref reader, ref part, number),
        _ => false,
    };

    private static bool TryEnter(ref PartTableReader reader, ref PartEntry message, int number) =>
        message.Kind == PartKind.Multipart ? TryChild(ref reader, ref message, number) : number == 1;

    private static bool TryChild(ref PartTableReader reader, ref PartEntry part, int number)
    {
        if (number < 1 || number > part.Children) return false;
        for (var skipped = 1; skipped < number; skipped++)
        {
            if (!reader.TrySkip()) return false;
        }

        return reader.TryRead(out part);
    }

    private static bool TrySelect(ref PartTableReader reader, in PartEntry part, SectionText text, out SectionRange range)
    {
        range = text == SectionText.Mime ? part.Header : part.Body;
        if (text is SectionText.None or SectionText.Mime) return true;
        if (part.Kind != PartKind.Message || !reader.TryRead(out var message)) return false;
        range = text == SectionText.Header ? message.Header : message.Body;
        return true;
    }
}
