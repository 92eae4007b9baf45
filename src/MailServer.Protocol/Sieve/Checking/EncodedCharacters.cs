using System.Globalization;
using System.Text;

namespace MailServer.Protocol.Sieve.Checking;

/// <summary>Replaces <c>${hex:…}</c> and <c>${unicode:…}</c> (RFC 5228 §2.4.2.4). What does not have this form stays as it is.</summary>
internal static class EncodedCharacters
{
    private const int MaxUnicode = 0x10FFFF;

    /// <summary>Decodes a string; false with what is wrong with it.</summary>
    public static bool TryDecode(string text, out string decoded, out string error)
    {
        error = "";
        decoded = text;
        if (!text.Contains("${", StringComparison.Ordinal)) return true;
        var output = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == '$' && TryReadSequence(text, at, out var end, out var value, out error))
            {
                output.Append(value);
                at = end;
                continue;
            }

            if (error.Length > 0) return false;
            output.Append(text[at++]);
        }

        decoded = output.ToString();
        return true;
    }

    private static bool TryReadSequence(string text, int at, out int end, out string value, out string error)
    {
        (end, value, error) = (at, "", "");
        var isHex = Has(text, at, "${hex:");
        if (!isHex && !Has(text, at, "${unicode:")) return false;
        var start = text.IndexOf(':', at) + 1;
        var close = text.IndexOf('}', start);
        if (close < 0) return false;
        var words = text[start..close].Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || Array.Exists(words, w => !w.All(char.IsAsciiHexDigit) || (isHex && w.Length > 2))) return false;
        end = close + 1;
        if (isHex) return TryOctets(words, out value, out error);
        var characters = new StringBuilder();
        foreach (var word in words)
        {
            var digits = word.TrimStart('0');
            var code = digits.Length > 6 ? int.MaxValue : int.Parse("0" + digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (code > MaxUnicode || code is >= 0xD800 and <= 0xDFFF)
            {
                error = $"{word} is not a Unicode character";
                return false;
            }

            characters.Append(new Rune(code));
        }

        value = characters.ToString();
        return true;
    }

    private static bool TryOctets(string[] words, out string value, out string error)
    {
        var octets = words.Select(static w => byte.Parse(w, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray();
        var isText = System.Text.Unicode.Utf8.IsValid(octets);
        value = isText ? Encoding.UTF8.GetString(octets) : "";
        error = isText ? "" : "the octets are not valid UTF-8";
        return isText;
    }

    private static bool Has(string text, int at, string prefix) => string.Compare(text, at, prefix, 0, prefix.Length, StringComparison.OrdinalIgnoreCase) == 0;
}
