using System.Globalization;
using System.Text;
using MailServer.Protocol.Sieve.Checking;

namespace MailServer.Protocol.Sieve.Commands;

/// <summary>The modifiers of <c>set</c> and <c>extracttext</c> (RFC 5229 §4.1, RFC 5435 §6, draft-ietf-sieve-regex): the highest precedence is applied first.</summary>
internal sealed class SetModifiers
{
    private readonly List<(int Precedence, Func<string, int, string> Apply)> _modifiers = [];

    public SetModifiers(SieveArguments arguments)
    {
        Read(arguments, 40, null, ("lower", static (t, _) => Lower(t)), ("upper", static (t, _) => Upper(t)));
        Read(arguments, 30, null, ("lowerfirst", static (t, _) => First(t, Lower)), ("upperfirst", static (t, _) => First(t, Upper)));
        Read(arguments, 20, null, ("quotewildcard", static (t, _) => Escape(t, "*?\\")));
        if (arguments.Flag("quoteregex", "regex")) _modifiers.Add((20, static (t, _) => Escape(t, "\\^$.[]|()*+?{}")));
        if (arguments.Flag("encodeurl", "enotify")) _modifiers.Add((15, EncodeUrl));
        Read(arguments, 10, null, ("length", static (t, _) => t.EnumerateRunes().Count().ToString(CultureInfo.InvariantCulture)));
        if (_modifiers.GroupBy(static m => m.Precedence).Any(static g => g.Count() > 1)) arguments.Error("only one of ':quotewildcard' and ':quoteregex' can be used");
    }

    public string Apply(string text, int most) => _modifiers.Aggregate(text, (value, modifier) => modifier.Apply(value, most));

    private void Read(SieveArguments arguments, int precedence, string? extension, params ReadOnlySpan<(string Tag, Func<string, int, string> Apply)> modifiers)
    {
        var given = 0;
        foreach (var (tag, apply) in modifiers)
        {
            if (!arguments.Flag(tag, extension)) continue;
            if (++given > 1) arguments.Error($"only one of {string.Join(" and ", modifiers.ToArray().Select(static m => $"':{m.Tag}'"))} can be used");
            _modifiers.Add((precedence, apply));
        }
    }

    // Letters other than those of ASCII stay as they are (RFC 5229 §4.1.3).
    private static string Lower(string text) => string.Concat(text.Select(static c => char.IsAsciiLetterUpper(c) ? (char)(c + 32) : c));

    private static string Upper(string text) => string.Concat(text.Select(static c => char.IsAsciiLetterLower(c) ? (char)(c - 32) : c));

    private static string First(string text, Func<string, string> change) => text.Length == 0 ? text : change(text[..1]) + text[1..];

    private static string Escape(string text, string special)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (special.Contains(c, StringComparison.Ordinal)) escaped.Append('\\');
            escaped.Append(c);
        }

        return escaped.ToString();
    }

    // Cut between characters, never inside an escape.
    private static string EncodeUrl(string text, int most)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var piece = Uri.EscapeDataString(rune.ToString());
            if (encoded.Length + piece.Length > most) break;
            encoded.Append(piece);
        }

        return encoded.ToString();
    }
}
