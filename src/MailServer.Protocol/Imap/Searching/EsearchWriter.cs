using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Searching;

/// <summary>Writes ESEARCH responses (RFC 4466 §2.6.2, RFC 4731).</summary>
internal static class EsearchWriter
{
    /// <param name="writer">The output.</param>
    /// <param name="tag">The tag of the command.</param>
    /// <param name="isUid">Whether the numbers are UIDs.</param>
    /// <param name="options">What the client wants to know.</param>
    /// <param name="numbers">The result: ascending, or in the order of a SORT.</param>
    /// <param name="highest">The highest mod-sequence of the messages that the response is about (RFC 4731 §3.2); null if the client does not want it.</param>
    public static void Write(ref ImapWriter writer, string tag, bool isUid, SearchReturn options, ReadOnlySpan<uint> numbers, ModSeq? highest)
    {
        writer.Write("* ESEARCH (TAG "u8);
        writer.Quoted(tag);
        writer.Write(isUid ? ") UID"u8 : ")"u8);
        if (options.Has(SearchReturnItems.Min) && !numbers.IsEmpty) WriteNumber(ref writer, " MIN "u8, numbers[0]);
        if (options.Has(SearchReturnItems.Max) && !numbers.IsEmpty) WriteNumber(ref writer, " MAX "u8, numbers[^1]);
        if (options.Has(SearchReturnItems.Count)) WriteNumber(ref writer, " COUNT "u8, numbers.Length);
        if (options.Has(SearchReturnItems.All) && !numbers.IsEmpty)
        {
            writer.Write(" ALL "u8);
            WriteSet(ref writer, numbers);
        }

        if (options.Has(SearchReturnItems.Partial)) WritePartial(ref writer, options, numbers);
        if (highest is { } modSeq) WriteNumber(ref writer, " MODSEQ "u8, modSeq.Value);
        writer.EndLine();
    }

    /// <summary>Writes a change of an earlier result (RFC 5267 §4.3.3, §4.3.4): pairs of a position and numbers.</summary>
    public static void WriteUpdate(ref ImapWriter writer, string tag, bool isUid, bool adds, IReadOnlyList<(int Position, uint[] Numbers)> changes)
    {
        if (changes.Count == 0) return;
        writer.Write("* ESEARCH (TAG "u8);
        writer.Quoted(tag);
        writer.Write(isUid ? ") UID "u8 : ") "u8);
        writer.Write(adds ? "ADDTO ("u8 : "REMOVEFROM ("u8);
        for (var at = 0; at < changes.Count; at++)
        {
            if (at > 0) writer.Write((byte)' ');
            writer.Write(changes[at].Position);
            writer.Write((byte)' ');
            WriteSet(ref writer, changes[at].Numbers);
        }

        writer.Write(")\r\n"u8);
    }

    private static void WriteNumber(ref ImapWriter writer, ReadOnlySpan<byte> name, long number)
    {
        writer.Write(name);
        writer.Write(number);
    }

    private static void WritePartial(ref ImapWriter writer, SearchReturn options, ReadOnlySpan<uint> numbers)
    {
        var part = numbers[options.Partial.Within(numbers.Length)];
        writer.Write(" PARTIAL ("u8);
        writer.Write(options.Partial.ToString());
        writer.Write((byte)' ');
        if (part.IsEmpty) writer.Write("NIL"u8);
        else WriteSet(ref writer, part);
        writer.Write((byte)')');
    }

    /// <summary>A sequence-set in the order of the numbers. Only rising runs become ranges (RFC 5267 §3.2).</summary>
    private static void WriteSet(ref ImapWriter writer, ReadOnlySpan<uint> numbers)
    {
        for (var at = 0; at < numbers.Length;)
        {
            var end = at;
            while (end + 1 < numbers.Length && numbers[end + 1] == numbers[end] + 1) end++;
            if (at > 0) writer.Write((byte)',');
            writer.Write(numbers[at]);
            if (end > at)
            {
                writer.Write((byte)':');
                writer.Write(numbers[end]);
            }

            at = end + 1;
        }
    }
}
