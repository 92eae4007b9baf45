using System.Buffers;
using System.Globalization;
using System.Text;

namespace MailServer.Hosting;

/// <summary>
/// Escapes untrusted text for a terminal or a log line: control characters, line breaks, bidirectional controls and invisible characters become escapes
/// such as <c>\n</c> or <c>\u001b</c>. All other text is unchanged.
/// </summary>
internal static class OutputEscaping
{
    private static readonly SearchValues<char> Suspects = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(static c => (char)c).Where(static c => char.IsSurrogate(c) || IsUnsafe(c))]);

    /// <summary>Escapes text so that it stays on one line.</summary>
    public static string Escape(string text) => Escape(text, keepLines: false);

    /// <summary>Escapes a JSON text without changing its meaning: unsafe characters occur only in its strings and become JSON escapes.</summary>
    public static string EscapeJson(string json) => Escape(json, keepLines: true);

    private static string Escape(string text, bool keepLines)
    {
        ArgumentNullException.ThrowIfNull(text);
        var first = text.AsSpan().IndexOfAny(Suspects);
        if (first < 0) return text;
        var escaped = new StringBuilder(text.Length + 16).Append(text, 0, first);
        for (var i = first; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                if (IsUnsafe(new Rune(text[i], text[i + 1]))) Append(escaped, text[i]).Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i + 1]:x4}");
                else escaped.Append(text[i]).Append(text[i + 1]);
                i++;
            }
            else if (keepLines && text[i] is '\n' or '\r' && keepLines) escaped.Append(text[i]);
            else if (char.IsSurrogate(text[i]) || IsUnsafe(text[i])) Append(escaped, text[i]);
            else escaped.Append(text[i]);
        }

        return escaped.ToString();
    }

    private static StringBuilder Append(StringBuilder escaped, char c) => c switch
    {
        '\n' => escaped.Append("\\n"),
        '\r' => escaped.Append("\\r"),
        '\t' => escaped.Append("\\t"),
        _ => escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
    };

    // C0, DEL and C1; line and paragraph separators; bidirectional controls, zero-width characters and noncharacters (Unicode ch. 23).
    private static bool IsUnsafe(char c) => char.IsControl(c) || c switch
    {
        '\u00AD' or '\u034F' or '\u061C' or '\u115F' or '\u1160' or '\u17B4' or '\u17B5' or '\u3164' or '\uFEFF' or '\uFFA0' => true,
        >= '\u180B' and <= '\u180F' => true,
        '\u200B' or '\u200E' or '\u200F' => true,
        >= '\u2028' and <= '\u202E' => true,
        >= '\u2060' and <= '\u206F' => true,
        >= '\uFDD0' and <= '\uFDEF' => true,
        >= '\uFFF0' and <= '\uFFFB' or '\uFFFE' or '\uFFFF' => true,
        _ => false,
    };

    private static bool IsUnsafe(Rune rune) => rune.Value is >= 0xE0000 and <= 0xE0FFF || (rune.Value & 0xFFFE) == 0xFFFE;
}
