namespace MailServer.Protocol.Messages;

/// <summary>
/// The position of every MIME part of a message: a few octets per part, stored beside the message so that <c>BODY[2.1]</c> needs no parsing. Parts
/// are in pre-order, starting with the message. Each has five varints: kind, number of children, header offset (relative to the previous part's
/// header offset), header length, body length. <see cref="PartTableWriter"/> writes the table.
/// </summary>
public static class PartTable
{
    /// <summary>Finds the octets of a section; false when the message has no such section (RFC 9051 §6.4.5.1).</summary>
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

        // Treat the message like one inside a message/rfc822: the parts of a multipart are numbered, and any other body is its own part 1.
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
