using System.Buffers;
using System.Text;

namespace MailServer.Protocol.ContentLines;

/// <summary>Parses one unfolded line (RFC 5545 §3.1, RFC 6350 §3.3). It is lenient about names and unquoted values.</summary>
internal static class ContentLineParser
{
    private const string ZoneParameter = "TZID";

    private static readonly SearchValues<byte> NameEnd = SearchValues.Create(";:"u8);
    private static readonly SearchValues<byte> ParameterEnd = SearchValues.Create("=;:"u8);
    private static readonly SearchValues<byte> ValueEnd = SearchValues.Create(",;:"u8);

    public static ContentLine? Parse(ReadOnlyMemory<byte> raw, ReadOnlyMemory<byte> unfolded, ContentLineLimits limits, out ContentLineFaultKind fault)
    {
        var line = unfolded.Span;
        var nameEnd = line.IndexOfAny(NameEnd);
        if (nameEnd < 0)
        {
            fault = ContentLineFaultKind.NoValue;
            return null;
        }

        var name = line[..nameEnd].Trim((byte)' ');
        var dot = name.IndexOf((byte)'.');
        if (name.Length == dot + 1 || name.ContainsAnyExcept(Characters.Name))
        {
            fault = ContentLineFaultKind.NoName;
            return null;
        }

        var position = nameEnd;
        if (!TryReadParameters(line, ref position, limits, out var parameters, out fault))
            return null;
        return new ContentLine
        {
            Raw = raw,
            Group = dot > 0 ? Encoding.ASCII.GetString(name[..dot]) : null,
            Name = Encoding.ASCII.GetString(name[(dot + 1)..]).ToUpperInvariant(),
            Parameters = parameters,
            Value = unfolded[(position + 1)..],
        };
    }

    /// <summary>Reads <c>*(";" param)</c>; <paramref name="position"/> moves from the end of the name to the colon.</summary>
    private static bool TryReadParameters(
        ReadOnlySpan<byte> line, ref int position, ContentLineLimits limits, out IReadOnlyList<ContentParameter> parameters, out ContentLineFaultKind fault)
    {
        List<ContentParameter>? list = null;
        parameters = [];
        fault = ContentLineFaultKind.NoValue;
        while (position < line.Length && line[position] == (byte)';')
        {
            position++;
            var length = line[position..].IndexOfAny(ParameterEnd);
            if (length < 0)
                return false;
            var name = Encoding.UTF8.GetString(line.Slice(position, length).Trim((byte)' ')).ToUpperInvariant();
            position += length;
            var values = new List<string>(1);
            if (line[position] == (byte)'=' && !TryReadValues(line, ref position, limits, name == ZoneParameter, values, out fault))
                return false;
            list ??= [];
            if (list.Count == limits.MaxParameters)
            {
                fault = ContentLineFaultKind.TooManyParameters;
                return false;
            }

            if (name.Length > 0)
                list.Add(new ContentParameter(name, values));
        }

        parameters = list is null ? [] : list;
        return position < line.Length;
    }

    /// <summary>Reads <c>param-value *("," param-value)</c>, starting at the equals sign.</summary>
    private static bool TryReadValues(ReadOnlySpan<byte> line, ref int position, ContentLineLimits limits, bool isZone, List<string> values, out ContentLineFaultKind fault)
    {
        fault = ContentLineFaultKind.NoValue;
        do
        {
            if (values.Count == limits.MaxParameters)
            {
                fault = ContentLineFaultKind.TooManyParameters;
                return false;
            }

            position++;
            var quoted = position < line.Length && line[position] == (byte)'"';
            if (quoted && !TrySkipQuoted(line, ref position, values))
            {
                fault = ContentLineFaultKind.UnclosedQuote;
                return false;
            }

            var length = isZone && !quoted ? ZoneNameLength(line[position..]) : line[position..].IndexOfAny(ValueEnd);
            if (length < 0)
                return false;
            if (!quoted)
                values.Add(Decode(line.Slice(position, length)));
            position += length;
        }
        while (line[position] == (byte)',');
        return true;
    }

    private static bool TrySkipQuoted(ReadOnlySpan<byte> line, ref int position, List<string> values)
    {
        var length = line[(position + 1)..].IndexOf((byte)'"');
        if (length < 0)
            return false;
        values.Add(Decode(line.Slice(position + 1, length)));
        position += length + 2;
        return true;
    }

    /// <summary>
    /// The length of a zone name that is not quoted although it contains a comma or the colon of an offset, as in <c>TZID=GMT+05:30:20260101T090000</c>.
    /// A colon belongs to the name if it is between digits and followed by exactly two of them.
    /// </summary>
    private static int ZoneNameLength(ReadOnlySpan<byte> line)
    {
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == (byte)';' || line[i] == (byte)':' && !IsInClock(line, i))
                return i;
        }

        return line.IndexOfAny(ValueEnd);
    }

    private static bool IsInClock(ReadOnlySpan<byte> line, int colon) =>
        colon > 0 && char.IsAsciiDigit((char)line[colon - 1])
        && line[(colon + 1)..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') == 2;

    /// <summary>Decodes <c>^n</c>, <c>^^</c> and <c>^'</c> (RFC 6868 §3.2); other carets are kept.</summary>
    private static string Decode(ReadOnlySpan<byte> value)
    {
        var text = Encoding.UTF8.GetString(value);
        if (!text.Contains('^', StringComparison.Ordinal))
            return text;
        var decoded = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var next = text[i] == '^' && i + 1 < text.Length ? text[i + 1] : '\0';
            var character = next switch { 'n' => '\n', '^' => '^', '\'' => '"', _ => '\0' };
            decoded.Append(character == '\0' ? text[i] : character);
            if (character != '\0')
                i++;
        }

        return decoded.ToString();
    }

    private static class Characters
    {
        /// <summary>The characters of <c>iana-token</c> and <c>x-name</c>, the dot of a group, and the underscore that some clients use.</summary>
        public static readonly SearchValues<byte> Name = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._"u8);
    }
}
