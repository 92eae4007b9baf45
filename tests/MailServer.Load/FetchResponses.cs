using System.Globalization;
using System.Text;

namespace MailServer.Load;

/// <summary>Reads the FETCH responses of one command: the first line of each, and its first literal if it has one.</summary>
internal static class FetchResponses
{
    public static IEnumerable<(string Line, string Literal)> Read(ReadOnlyMemory<byte> octets)
    {
        var rest = octets;
        while (!rest.IsEmpty)
        {
            var line = NextLine(ref rest);
            string? literal = null;
            for (var end = line; LiteralLength(end) is { } length; end = NextLine(ref rest))
            {
                literal ??= Encoding.Latin1.GetString(rest.Span[..length]);
                rest = rest[length..];
            }

            if (line.StartsWith("* ", StringComparison.Ordinal) && line.Contains(" FETCH (", StringComparison.Ordinal)) yield return (line, literal ?? "");
        }
    }

    /// <summary>The number behind <c>UID</c> or <c>RFC822.SIZE</c> in a response line.</summary>
    public static long Number(string line, string item)
    {
        var start = line.IndexOf(item + " ", StringComparison.Ordinal);
        if (start < 0) throw new LoadException($"no {item} in {line}");
        start += item.Length + 1;
        var end = start;
        while (end < line.Length && char.IsAsciiDigit(line[end])) end++;
        return long.Parse(line.AsSpan(start, end - start), CultureInfo.InvariantCulture);
    }

    private static string NextLine(ref ReadOnlyMemory<byte> rest)
    {
        var length = rest.Span.IndexOf((byte)'\n');
        if (length < 0) throw new LoadException("a response without an end");
        var line = Encoding.Latin1.GetString(rest.Span[..length].TrimEnd((byte)'\r'));
        rest = rest[(length + 1)..];
        return line;
    }

    private static int? LiteralLength(string line)
    {
        if (!line.EndsWith('}')) return null;
        var open = line.LastIndexOf('{');
        return open >= 0 && int.TryParse(line.AsSpan(open + 1, line.Length - open - 2), CultureInfo.InvariantCulture, out var length) ? length : null;
    }
}
