using System.Net;
using System.Text;

namespace MailServer.Protocol.Sieve.Reading;

/// <summary>The visible text of an HTML document, as good as a filter needs it: no elements, no scripts, no styles, entities decoded.</summary>
internal static class HtmlText
{
    private static readonly string[] Hidden = ["script", "style", "head"];

    public static string Of(string html)
    {
        var text = new StringBuilder(html.Length);
        var at = 0;
        while (at < html.Length)
        {
            var open = html.IndexOf('<', at);
            if (open < 0) open = html.Length;
            text.Append(html, at, open - at);
            at = open < html.Length ? SkipElement(html, open, text) : open;
        }

        return WebUtility.HtmlDecode(text.ToString());
    }

    private static int SkipElement(string html, int open, StringBuilder text)
    {
        if (string.CompareOrdinal(html, open, "<!--", 0, 4) == 0) return After(html, "-->", open + 4);
        if (open + 1 >= html.Length || !(char.IsAsciiLetter(html[open + 1]) || html[open + 1] is '/' or '!' or '?'))
        {
            text.Append('<');
            return open + 1;
        }

        foreach (var name in Hidden)
        {
            if (IsElement(html, open + 1, name)) return After(html, ">", IndexOf(html, "</" + name, open));
        }

        if (IsElement(html, open + 1, "br") || IsElement(html, open + 1, "p") || IsElement(html, open + 1, "/p") || IsElement(html, open + 1, "div")) text.Append("\r\n");
        return After(html, ">", open);
    }

    private static bool IsElement(string html, int at, string name) =>
        string.Compare(html, at, name, 0, name.Length, StringComparison.OrdinalIgnoreCase) == 0
        && (at + name.Length >= html.Length || !char.IsAsciiLetterOrDigit(html[at + name.Length]));

    private static int IndexOf(string html, string text, int from) =>
        html.IndexOf(text, Math.Min(from, html.Length), StringComparison.OrdinalIgnoreCase) is >= 0 and var found ? found : html.Length;

    private static int After(string html, string text, int from) => Math.Min(html.Length, IndexOf(html, text, from) + text.Length);
}
