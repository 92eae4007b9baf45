using System.Globalization;
using System.Text;

namespace MailServer.Tests.Hosting;

/// <summary>Untrusted text as a login, a file name or a reason, and its escaped form.</summary>
internal static class HostileText
{
    /// <summary>Each character that must not reach a terminal or a text log unescaped.</summary>
    public static IEnumerable<string> Characters =>
    [
        .. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7F, 0x21)).Select(static c => ((char)c).ToString()),
        "\u00AD", "\u061C", "\u200B", "\u200E", "\u200F", "\u2028", "\u2029", "\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u2060",
        "\u2066", "\u2067", "\u2068", "\u2069", "\uFEFF", "\uFFF9", "\uFFFE", "\uFFFF", "\uD800", "\uDC00", "\U000E0041", "\U0001FFFE",
    ];

    /// <summary>Known attacks: forged lines, terminal commands, reversed names.</summary>
    public static IEnumerable<string> Attacks =>
    [
        "x\r\n2026-11-29T00:00:00.000Z INF Sign-in as admin from 127.0.0.1",
        "x\e[2J\e[1;1Hnothing to see", "x\e]0;title\a", "x\e]52;c;ZXZpbA==\a", "x\u009B31m", "x\u009D0;title\u009C", "\eP1$r\e\\", "a\bb\bc", "x\rok",
        "user\u202Egnp.exe", "\u2066admin\u2069", "x\vy\fz", "\0", "\uD83D", "\uDE00\uD83D", "x\u0085y", "x\u2028y",
    ];

    /// <summary>All of them in one text.</summary>
    public static string All => string.Join('|', Characters.Concat(Attacks));

    /// <summary>Printable text that must not be escaped.</summary>
    public static IEnumerable<string> Harmless =>
        ["ann@example.org", "Jürgen Grün", "日本語", "עברית", "العربية", "हिन्दी", "👩\u200D💻", "می\u200Cخواهم", "e\u0301", "C:\\n\\x1b", "“quoted” – dash", "a b"];

    /// <summary>True if the text moves no cursor, starts no line and hides nothing. Line endings of the program itself are allowed.</summary>
    public static bool IsFit(string text, string lineEnd = "\n")
    {
        var rest = lineEnd.Length == 0 ? text : text.Replace(lineEnd, "", StringComparison.Ordinal);
        for (var i = 0; i < rest.Length; i++)
        {
            if (!Rune.TryGetRuneAt(rest, i, out var rune)) return false;
            if (rune.Utf16SequenceLength == 2) i++;
            var isKind = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            if (isKind || Characters.Contains(rune.ToString())) return false;
        }

        return true;
    }
}
