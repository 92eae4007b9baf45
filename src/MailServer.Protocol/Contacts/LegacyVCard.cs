using System.Buffers;
using System.Text;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Contacts;

/// <summary>
/// Converts vCard 2.1 to 3.0 (RFC 2426). The older version has values in quoted-printable that continue on lines without indentation, a charset for each
/// property, Base64 that ends with an empty line, and types without a name (<c>TEL;CELL</c>). Programs write the same into cards that claim to be newer.
/// </summary>
public static class LegacyVCard
{
    /// <summary>Properties with components separated by semicolons.</summary>
    private static readonly string[] Structured = ["N", "ADR", "ORG"];

    /// <summary>Properties whose values have no escapes: URIs, binary values, dates and numbers.</summary>
    private static readonly string[] Unescaped = ["PHOTO", "LOGO", "SOUND", "KEY", "URL", "SOURCE", "BDAY", "REV", "TZ", "TEL", "EMAIL"];

    /// <summary>True for version 2.1 or a missing version, and for properties in quoted-printable or with a charset, which newer versions do not have.</summary>
    public static bool IsLegacy(ReadOnlyMemory<byte> card)
    {
        string? version = null;
        foreach (var line in LegacyVCardLine.Read(card, keepsBlanks: true))
        {
            if (line.IsQuotedPrintable || line.Charset is not null) return true;
            version ??= VersionIn(line);
        }

        return version is null;
    }

    /// <summary>False with the line of the first property that cannot be read.</summary>
    /// <param name="card">One card, from BEGIN to END.</param>
    /// <param name="converted">The card in UTF-8, as vCard 3.0 unless it claims to be 4.0.</param>
    /// <param name="fault">The reason if it cannot be converted; lines count from the beginning of the card.</param>
    public static bool TryConvert(ReadOnlyMemory<byte> card, out ReadOnlyMemory<byte> converted, out ContentLineFault? fault)
    {
        var output = new ArrayBufferWriter<byte>(card.Length + 64);
        var writer = new ContentWriter(output);
        var version = LegacyVCardLine.Read(card, keepsBlanks: true).Select(VersionIn).FirstOrDefault(v => v is not null);
        writer.Begin("VCARD");
        writer.WriteLine("VERSION:" + (version ?? "3.0"));
        var depth = 0;
        fault = null;
        foreach (var line in LegacyVCardLine.Read(card, keepsBlanks: version is null))
        {
            fault ??= line.Fault;
            if (line.Name == "BEGIN") depth++;
            // An AGENT is a card within the card, which servers and clients of today do not support.
            else if (depth == 1 && line.Name is not ("END" or "VERSION" or "AGENT") && line.Fault is null) writer.WriteLine(Convert(line));
            if (line.Name == "END") depth--;
        }

        writer.End("VCARD");
        converted = output.WrittenMemory;
        return fault is null;
    }

    /// <summary>The version if the line names a newer one than 2.1; otherwise null.</summary>
    private static string? VersionIn(LegacyVCardLine line) => line.Name == "VERSION" && line.Decoded(line.Value.Span).Trim() is "3.0" or "4.0" ? line.Decoded(line.Value.Span).Trim() : null;

    private static string Convert(LegacyVCardLine line)
    {
        var text = new StringBuilder(line.Group).Append(line.Name);
        foreach (var parameter in line.Parameters) ContentWriter.Append(text, parameter);
        if (line.IsBase64) ContentWriter.Append(text, new ContentParameter("ENCODING", ["b"]));
        return text.Append(':').Append(ValueOf(line)).ToString();
    }

    private static string ValueOf(LegacyVCardLine line)
    {
        if (line.IsBase64) return string.Concat(Encoding.ASCII.GetString(line.Value.Span).Where(static c => !char.IsWhiteSpace(c)));
        if (Array.IndexOf(Structured, line.Name) >= 0) return Join(line, ";", [(byte)';']);
        if (line.Name == "CATEGORIES") return Join(line, ",", ",;"u8);
        if (line.Name == "NICKNAME") return Join(line, ",", [(byte)',']);
        var text = line.Decoded(line.Value.Span);
        if (line.Name == "GEO") return text.Trim().Replace(',', ';');
        return Array.IndexOf(Unescaped, line.Name) >= 0 ? text.ReplaceLineEndings(" ").Trim() : Escaped(text);
    }

    /// <summary>Decodes the components one by one: an encoded separator belongs to the value.</summary>
    private static string Join(LegacyVCardLine line, string separator, ReadOnlySpan<byte> separators)
    {
        var pieces = new List<string>();
        var value = line.Value.Span;
        var start = 0;
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == (byte)'\\')
            {
                i++;
            }
            else if (separators.Contains(value[i]))
            {
                pieces.Add(Escaped(line.Decoded(value[start..i])));
                start = i + 1;
            }
        }

        pieces.Add(Escaped(line.Decoded(value[start..])));
        return string.Join(separator, pieces);
    }

    private static string Escaped(string text) => ContentText.Escape(ContentText.Unescape(text));
}
