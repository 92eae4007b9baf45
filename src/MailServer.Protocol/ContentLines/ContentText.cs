using System.Text;

namespace MailServer.Protocol.ContentLines;

/// <summary>Escapes and unescapes TEXT values: <c>\n</c>, <c>\,</c>, <c>\;</c> and <c>\\</c> (RFC 5545 §3.3.11, RFC 6350 §3.4).</summary>
public static class ContentText
{
    public static string Unescape(string value)
    {
        if (!value.Contains('\\', StringComparison.Ordinal))
            return value;
        var text = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '\\' || i + 1 == value.Length)
                text.Append(value[i]);
            else
                text.Append(value[++i] is 'n' or 'N' ? '\n' : value[i]);
        }

        return text.ToString();
    }

    /// <summary>Splits at unescaped separators. The pieces remain escaped.</summary>
    public static IReadOnlyList<string> Split(string value, char separator)
    {
        if (!value.Contains(separator, StringComparison.Ordinal))
            return [value];
        var pieces = new List<string>();
        var start = 0;
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\')
            {
                i++;
            }
            else if (value[i] == separator)
            {
                pieces.Add(value[start..i]);
                start = i + 1;
            }
        }

        pieces.Add(value[start..]);
        return pieces;
    }

    public static string Escape(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace(",", "\\,", StringComparison.Ordinal)
        .Replace(";", "\\;", StringComparison.Ordinal)
        .Replace("\r\n", "\\n", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);
}
