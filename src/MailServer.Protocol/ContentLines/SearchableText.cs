namespace MailServer.Protocol.ContentLines;

/// <summary>The texts of a property in which a <c>text-match</c> searches.</summary>
internal static class SearchableText
{
    private const string MailTo = "mailto:";

    /// <summary>The unescaped value; of a list also each value (RFC 5545 §3.8.1.2, RFC 6350 §6.2.3), and of an address the form without percent-encoding.</summary>
    public static IEnumerable<string> Of(ContentLine line)
    {
        var whole = ContentText.Unescape(line.Text);
        if (line.Name is "CATEGORIES" or "RESOURCES" or "NICKNAME")
            return ContentText.Split(line.Text, ',').Select(v => ContentText.Unescape(v).Trim()).Prepend(whole);
        return whole.StartsWith(MailTo, StringComparison.OrdinalIgnoreCase) ? [whole, MailTo + Uri.UnescapeDataString(whole[MailTo.Length..])] : [whole];
    }
}
