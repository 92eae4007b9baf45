using System.Net;
using System.Text;

namespace MailServer.Protocol.Messages;

/// <summary>The text of an HTML document, without markup, comments, style sheets and scripts. Works in one pass on any input; the result is for display and for filters.</summary>
internal static class HtmlText
{
    private static readonly string[] Hidden = ["style", "script", "head", "title", "template", "svg", "noscript"];

    /// <param name="html">The document.</param>
    /// <param name="lineBreak">What stands for an element that does not continue the line.</param>
    public static string Of(string html, string lineBreak)
    {
        var text = new StringBuilder(Math.Min(html.Length, 4096));
        for (var at = 0; at < html.Length;)
        {
            var open = html.IndexOf('<', at);
            if (open < 0) open = html.Length;
            text.Append(html, at, open - at);
            at = open < html.Length ? AfterMarkup(html, open, text, lineBreak) : open;
        }

        return WebUtility.HtmlDecode(text.ToString());
    }

    /// <summary>The position after the tag, comment or hidden element that begins here.</summary>
    private static int AfterMarkup(string html, int open, StringBuilder text, string lineBreak)
    {
        if (string.CompareOrdinal(html, open, "<!--", 0, 4) == 0) return After(html, "-->", open + 4);
        if (open + 1 == html.Length || !(char.IsAsciiLetter(html[open + 1]) || html[open + 1] is '/' or '!' or '?'))
        {
            text.Append('<'); // no markup
            return open + 1;
        }

        var name = NameAt(html, open + 1);
        if (!IsInline(html[open + 1] == '/' ? NameAt(html, open + 2) : name)) text.Append(lineBreak);
        var end = After(html, ">", open + 1);
        if (!Hidden.Contains(name, StringComparer.OrdinalIgnoreCase)) return end;
        var closing = html.IndexOf($"</{name}", end, StringComparison.OrdinalIgnoreCase);
        // Without an end, all that follows belongs to the element.
        return closing < 0 ? html.Length : After(html, ">", closing);
    }

    private static int After(string html, string mark, int from)
    {
        var found = html.IndexOf(mark, Math.Min(from, html.Length), StringComparison.Ordinal);
        return found < 0 ? html.Length : found + mark.Length;
    }

    private static string NameAt(string html, int at)
    {
        var end = at;
        while (end < html.Length && char.IsAsciiLetterOrDigit(html[end])) end++;
        return html[at..end];
    }

    private static bool IsInline(string name) => name.ToUpperInvariant() is "A" or "B" or "I" or "U" or "S" or "EM" or "STRONG" or "SPAN" or "FONT" or "SMALL" or "BIG" or "SUB" or "SUP" or "CODE" or "WBR";
}
