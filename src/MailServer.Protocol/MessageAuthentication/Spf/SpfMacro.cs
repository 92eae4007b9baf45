using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MailServer.Protocol.MessageAuthentication.Spf;

/// <summary>The values of macros (RFC 7208 §7.2).</summary>
internal sealed record SpfMacroValues(SpfQuery Query, string Domain, string ValidatedName, DateTimeOffset Now);

/// <summary>The macro language of RFC 7208 §7: validated when a record is parsed, expanded when a term is evaluated.</summary>
internal static class SpfMacro
{
    private const int MaxDomain = 253;
    private static readonly SearchValues<char> Delimiters = SearchValues.Create(".-+,/_=");

    /// <summary>Whether a text is a valid macro-string.</summary>
    public static bool IsMacroString(string text) => Walk(text, null, isExplanation: false, null);

    /// <summary>domain-spec: a macro-string that ends in a macro or in a dot and a top label.</summary>
    public static bool IsDomainSpec(string text)
    {
        if (text.Length == 0 || !IsMacroString(text)) return false;
        if (text.EndsWith('}')) return text.LastIndexOf("%{", StringComparison.Ordinal) >= 0;
        var name = text.EndsWith('.') ? text[..^1] : text;
        var dot = name.LastIndexOf('.');
        return dot >= 0 && IsTopLabel(name.AsSpan(dot + 1));
    }

    /// <summary>Whether the p macro occurs, the only one that needs DNS.</summary>
    public static bool NeedsValidatedName(string text) => text.Contains("%{p", StringComparison.OrdinalIgnoreCase);

    /// <summary>Expands to a domain name; if it is too long, labels are dropped from the left (§7.3).</summary>
    public static string ExpandDomain(string spec, SpfMacroValues values)
    {
        var name = new StringBuilder();
        Walk(spec, name, isExplanation: false, values);
        var text = name.ToString().TrimEnd('.');
        while (text.Length > MaxDomain && text.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot) text = text[(dot + 1)..];
        return text;
    }

    /// <summary>Expands an explanation, which may also use c, r and t; null when it is malformed.</summary>
    public static string? ExpandExplanation(string text, SpfMacroValues values)
    {
        var expanded = new StringBuilder();
        return Walk(text, expanded, isExplanation: true, values) ? expanded.ToString() : null;
    }

    // toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum )
    private static bool IsTopLabel(ReadOnlySpan<char> label)
    {
        if (label.IsEmpty || label[0] == '-' || label[^1] == '-') return false;
        var onlyDigits = true;
        foreach (var c in label)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-') return false;
            onlyDigits &= char.IsAsciiDigit(c);
        }

        return !onlyDigits;
    }

    private static bool Walk(string text, StringBuilder? output, bool isExplanation, SpfMacroValues? values)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c != '%')
            {
                if (c is < '!' or > '~' && !(isExplanation && c == ' ')) return false;
                output?.Append(c);
                continue;
            }

            if (++i == text.Length) return false;
            var literal = text[i] switch { '%' => "%", '_' => " ", '-' => "%20", _ => null };
            if (literal is not null)
            {
                output?.Append(literal);
                continue;
            }

            var close = text[i] == '{' ? text.IndexOf('}', i) : -1;
            if (close < 0 || !Expand(text.AsSpan(i + 1, close - i - 1), output, isExplanation, values)) return false;
            i = close;
        }

        return true;
    }

    // macro-letter transformers *delimiter
    private static bool Expand(ReadOnlySpan<char> macro, StringBuilder? output, bool isExplanation, SpfMacroValues? values)
    {
        if (macro.IsEmpty) return false;
        var letter = char.ToLowerInvariant(macro[0]);
        if (!"slodipvh".Contains(letter) && !(isExplanation && "crt".Contains(letter))) return false;
        var at = 1;
        while (at < macro.Length && char.IsAsciiDigit(macro[at])) at++;
        var keep = int.MaxValue;
        if (at > 1 && (!int.TryParse(macro[1..at], NumberStyles.None, CultureInfo.InvariantCulture, out keep) || keep == 0)) return false;
        var reverse = at < macro.Length && macro[at] is 'r' or 'R';
        if (reverse) at++;
        var delimiters = macro[at..];
        if (delimiters.IndexOfAnyExcept(Delimiters) >= 0) return false;
        if (output is null || values is null) return true;
        var parts = ValueOf(letter, values).Split((delimiters.IsEmpty ? "." : delimiters.ToString()).ToCharArray());
        if (reverse) Array.Reverse(parts);
        var value = string.Join('.', parts.AsSpan(Math.Max(0, parts.Length - keep)).ToArray());
        output.Append(char.IsUpper(macro[0]) ? Uri.EscapeDataString(value) : value);
        return true;
    }

    private static string ValueOf(char letter, SpfMacroValues values) => letter switch
    {
        's' => $"{values.Query.Local}@{values.Query.Domain}",
        'l' => values.Query.Local,
        'o' => values.Query.Domain,
        'd' => values.Domain,
        'i' => Dotted(values.Query.Address),
        'p' => values.ValidatedName,
        'v' => values.Query.Address.AddressFamily == AddressFamily.InterNetwork ? "in-addr" : "ip6",
        'h' => values.Query.Helo,
        'c' => values.Query.Address.ToString(),
        'r' => values.Query.Receiver,
        _ => values.Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
    };

    // IPv6: one label per nibble.
    private static string Dotted(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? address.ToString()
        : string.Join('.', Convert.ToHexString(address.GetAddressBytes()).AsEnumerable());
}
