using System.Text;

namespace MailServer.Protocol.Messages;

/// <summary>i;unicode-casemap (RFC 5051 §2): texts are compared after mapping each character to one case and decomposing it.</summary>
internal static class UnicodeCasemap
{
    public static string Fold(string text) => Ascii.IsValid(text) ? text.ToUpperInvariant() : Decompose(text);

    /// <summary>Normalization throws on noncharacters and surrogates without a partner, so they are replaced first.</summary>
    private static string Decompose(string text)
    {
        var characters = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            characters.Append(rune.Value is 0xFFFE or 0xFFFF ? Rune.ReplacementChar : rune);
        return characters.ToString().Normalize(NormalizationForm.FormKD).ToUpperInvariant().Normalize(NormalizationForm.FormKD);
    }
}
