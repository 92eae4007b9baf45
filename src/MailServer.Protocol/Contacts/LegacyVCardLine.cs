using System.Buffers;
using System.Text;
using System.Text.Unicode;
using MailServer.Protocol.ContentLines;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Contacts;

/// <summary>One property of a vCard 2.1, with the lines on which it continues.</summary>
internal sealed class LegacyVCardLine
{
    private static readonly string[] Encodings = ["QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT"];
    private static readonly string[] Places = ["URL", "CONTENT-ID", "CID", "INLINE"];
    private static readonly SearchValues<byte> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t"u8);

    /// <summary>The group with its dot; empty if there is none.</summary>
    public required string Group { get; init; }

    /// <summary>The name in upper case.</summary>
    public required string Name { get; init; }

    /// <summary>The parameters in the form of vCard 3.0, without encoding and charset.</summary>
    public IReadOnlyList<ContentParameter> Parameters { get; init; } = [];

    public string? Charset { get; private init; }

    public bool IsQuotedPrintable { get; private init; }

    public bool IsBase64 { get; private init; }

    /// <summary>The encoded value without line breaks.</summary>
    public ReadOnlyMemory<byte> Value { get; private init; }

    /// <summary>Set if the line is not a property.</summary>
    public ContentLineFault? Fault { get; private init; }

    /// <param name="card">One card.</param>
    /// <param name="keepsBlanks">True if the blank at the beginning of a continued line belongs to the value, as in vCard 2.1.</param>
    public static IEnumerable<LegacyVCardLine> Read(ReadOnlyMemory<byte> card, bool keepsBlanks)
    {
        var position = 0;
        for (var number = 1; position < card.Length; number++)
        {
            var first = number;
            var line = Next(card, ref position);
            if (line.Span.Trim(" \t"u8).IsEmpty) continue;
            var colon = Colon(line.Span);
            if (colon <= 0)
            {
                yield return new LegacyVCardLine { Group = "", Name = "", Fault = new ContentLineFault(colon < 0 ? ContentLineFaultKind.NoValue : ContentLineFaultKind.NoName, first) };
                continue;
            }

            var head = Head(Encoding.Latin1.GetString(line.Span[..colon]));
            var value = new List<byte>(line.Length);
            value.AddRange(line.Span[(colon + 1)..]);
            while (Continues(head, value, card, position))
            {
                var isSoftBreak = IsSoftBreak(head, value);
                if (isSoftBreak) value.RemoveAt(value.Count - 1);
                var more = Next(card, ref position);
                value.AddRange((keepsBlanks || isSoftBreak || more.Span[0] is not ((byte)' ' or (byte)'\t') ? more : more[1..]).Span);
                number++;
            }

            yield return new LegacyVCardLine
            {
                Group = head.Group,
                Name = head.Name,
                Parameters = head.Parameters,
                Charset = head.Charset,
                IsQuotedPrintable = head.IsQuotedPrintable,
                IsBase64 = head.IsBase64,
                Value = value.ToArray(),
            };
        }
    }

    /// <summary>Decodes a part of the value: quoted-printable, then the charset; without one UTF-8, or Windows-1252 for text that is not.</summary>
    public string Decoded(ReadOnlySpan<byte> part)
    {
        var octets = IsQuotedPrintable ? FromQuotedPrintable(part) : part.ToArray();
        var encoding = Charsets.Find(Charset);
        if (encoding is UTF8Encoding && !Utf8.IsValid(octets)) encoding = Charsets.Windows1252;
        return encoding.GetString(octets);
    }

    private static bool IsSoftBreak(LegacyVCardLine head, List<byte> value) => head.IsQuotedPrintable && value.Count > 0 && value[^1] == (byte)'=';

    private static bool Continues(LegacyVCardLine head, List<byte> value, ReadOnlyMemory<byte> card, int position)
    {
        if (position >= card.Length) return false;
        if (IsSoftBreak(head, value)) return true;
        var next = Next(card, ref position).Span;
        if (next.Trim(" \t"u8).IsEmpty) return false;
        return next[0] is (byte)' ' or (byte)'\t' || head.IsBase64 && !next.ContainsAnyExcept(Base64);
    }

    private static ReadOnlyMemory<byte> Next(ReadOnlyMemory<byte> card, ref int position)
    {
        var rest = card[position..];
        var feed = rest.Span.IndexOf((byte)'\n');
        position += feed < 0 ? rest.Length : feed + 1;
        return (feed < 0 ? rest : rest[..feed]).TrimEnd((byte)'\r');
    }

    private static int Colon(ReadOnlySpan<byte> line)
    {
        var isQuoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == (byte)'"') isQuoted = !isQuoted;
            else if (line[i] == (byte)':' && !isQuoted) return i;
        }

        return line.IndexOf((byte)':');
    }

    private static LegacyVCardLine Head(string text)
    {
        var parts = text.Split(';');
        var dot = parts[0].IndexOf('.', StringComparison.Ordinal);
        var types = new List<string>();
        var parameters = new List<ContentParameter>();
        string? charset = null, encoding = null;
        foreach (var part in parts.Skip(1).Select(static p => p.Trim()).Where(static p => p.Length > 0))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? "" : part[..equals].Trim().ToUpperInvariant();
            var value = part[(equals + 1)..].Trim().Trim('"');
            var upper = value.ToUpperInvariant();
            if (name == "CHARSET") charset = value;
            else if (name == "ENCODING" || name.Length == 0 && Array.IndexOf(Encodings, upper) >= 0) encoding = upper;
            else if (name == "VALUE" || name.Length == 0 && Array.IndexOf(Places, upper) >= 0) Add(parameters, upper);
            else if (name is "TYPE" or "") types.AddRange(value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
            else parameters.Add(new ContentParameter(name, [value]));
        }

        if (types.Count > 0) parameters.Insert(0, new ContentParameter("TYPE", types));
        return new LegacyVCardLine
        {
            Group = parts[0][..(dot + 1)],
            Name = parts[0][(dot + 1)..].Trim().ToUpperInvariant(),
            Parameters = parameters,
            Charset = charset,
            IsQuotedPrintable = encoding == "QUOTED-PRINTABLE",
            IsBase64 = encoding is "BASE64" or "B",
        };
    }

    private static void Add(List<ContentParameter> parameters, string value)
    {
        if (value is "INLINE" or "BINARY" or "TEXT") return;
        parameters.Add(new ContentParameter("VALUE", [value is "URL" or "URI" ? "uri" : value.ToLowerInvariant()]));
    }

    private static byte[] FromQuotedPrintable(ReadOnlySpan<byte> text)
    {
        var decoded = new byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var isEncoded = text[i] == (byte)'=' && i + 2 < text.Length && char.IsAsciiHexDigit((char)text[i + 1]) && char.IsAsciiHexDigit((char)text[i + 2]);
            decoded[length++] = isEncoded ? byte.Parse(text.Slice(i + 1, 2), System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture) : text[i];
            if (isEncoded) i += 2;
        }

        return decoded[..length];
    }
}
