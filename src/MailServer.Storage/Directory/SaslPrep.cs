using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MailServer.Storage.Directory;

/// <summary>
/// SASLprep (RFC 4013): makes equivalent spellings of a password equal. The check of bidirectional text (§2.3)
/// is omitted: it does not change the text, and would only lock out users whose password was set elsewhere.
/// </summary>
internal static class SaslPrep
{
    public static bool TryPrepare(string text, [NotNullWhen(true)] out string? prepared)
    {
        prepared = null;
        if (Ascii.IsValid(text))
        {
            if (text.AsSpan().ContainsAnyInRange('\0', '\u001F') || text.Contains('\u007F', StringComparison.Ordinal)) return false;
            prepared = text;
            return true;
        }

        var mapped = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsNonAsciiSpace(rune.Value)) mapped.Append(' ');
            else if (!IsMappedToNothing(rune.Value)) mapped.Append(rune.ToString());
        }

        // EnumerateRunes replaces an unpaired surrogate with U+FFFD, which is prohibited below.
        prepared = mapped.ToString().Normalize(NormalizationForm.FormKC);
        foreach (var rune in prepared.EnumerateRunes())
        {
            if (IsProhibited(rune.Value)) return false;
        }

        return true;
    }

    // RFC 3454 C.1.2
    private static bool IsNonAsciiSpace(int c) => c is 0x00A0 or 0x1680 or (>= 0x2000 and <= 0x200B) or 0x202F or 0x205F or 0x3000;

    // RFC 3454 B.1
    private static bool IsMappedToNothing(int c) =>
        c is 0x00AD or 0x034F or 0x1806 or (>= 0x180B and <= 0x180D) or 0x200C or 0x200D or 0x2060 or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF;

    private static bool IsProhibited(int c) => IsControl(c) || IsUnassignable(c) || IsUnfitForText(c);

    // RFC 3454 C.2.1, C.2.2
    private static bool IsControl(int c) =>
        c is < 0x20 or (>= 0x7F and <= 0x9F) or 0x06DD or 0x070F or 0x180E or 0x2028 or 0x2029 or (>= 0x2061 and <= 0x2063)
            or (>= 0x206A and <= 0x206F) or (>= 0xFFF9 and <= 0xFFFC) or (>= 0x1D173 and <= 0x1D17A);

    // RFC 3454 C.3, C.4, C.5: private use, non-characters, surrogates
    private static bool IsUnassignable(int c) =>
        c is (>= 0xD800 and <= 0xF8FF) or (>= 0xFDD0 and <= 0xFDEF) or >= 0xF0000 || (c & 0xFFFE) == 0xFFFE;

    // RFC 3454 C.6 to C.9
    private static bool IsUnfitForText(int c) =>
        c is 0xFFFD or (>= 0x2FF0 and <= 0x2FFB) or 0x0340 or 0x0341 or 0x200E or 0x200F or (>= 0x202A and <= 0x202E)
            or 0xE0001 or (>= 0xE0020 and <= 0xE007F);
}
