using System.Globalization;

namespace MailServer.Domain.Addresses;

/// <summary>Writes internationalised domain names for people: U-labels in place of A-labels (RFC 5890).</summary>
public static class UnicodeDomain
{
    private static readonly IdnMapping Mapping = new() { UseStd3AsciiRules = false };

    /// <summary>The name in Unicode. A name that is not internationalised, or whose Unicode form would not lead back to it, is unchanged.</summary>
    public static string Of(string domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        if (!domain.Contains("xn--", StringComparison.OrdinalIgnoreCase)) return domain;
        try
        {
            var unicode = Mapping.GetUnicode(domain);
            return unicode.Any(char.IsControl) || !Mapping.GetAscii(unicode).Equals(domain, StringComparison.OrdinalIgnoreCase) ? domain : unicode;
        }
        catch (ArgumentException)
        {
            return domain;
        }
    }
}
