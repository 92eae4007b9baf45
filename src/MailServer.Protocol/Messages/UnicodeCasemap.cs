using System.Text;

namespace MailServer.Protocol.Messages;

/// <summary>i;unicode-casemap (RFC 5051 §2): texts are compared after mapping each character to one case and decomposing it.</summary>
internal static class UnicodeCasemap
{
    public static string Fold(string text)
    {
        if (Ascii.IsValid(text)) return text.ToUpperInvariant();
        var folded = new StringBuilder(text.Length);
        Span<char> units = stackalloc char[2];
        // Runes replace surrogates without a partner, which cannot be decomposed.
        foreach (var rune in text.EnumerateRunes()) folded.Append(units[..Rune.ToUpperInvariant(rune).EncodeToUtf16(units)]);
        return folded.ToString().Normalize(NormalizationForm.FormKD);
    }
}
