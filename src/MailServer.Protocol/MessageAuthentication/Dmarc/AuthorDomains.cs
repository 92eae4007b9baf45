using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Messages;
using MailServer.Protocol.Smtp.Trace;

namespace MailServer.Protocol.MessageAuthentication.Dmarc;

/// <summary>
/// The domains that a message claims to be from. A well-formed one has exactly one From field and one domain in it; of any other, every domain
/// that a reader might show is judged, so that a second From field or a torn one hides nothing.
/// </summary>
public static class AuthorDomains
{
    public static IReadOnlyList<string> Of(ReadOnlySpan<byte> header)
    {
        var domains = new List<string>();
        foreach (var field in HeaderFields.Enumerate(header))
        {
            if (!Ascii.EqualsIgnoreCase(field.Name, "From"u8)) continue;
            var named = FromAddresses.Parse(field.Value) is { } addresses ? addresses.Select(a => a.Domain) : Guess(Encoding.UTF8.GetString(field.Value));
            domains.AddRange(named);
        }

        return [.. domains.Distinct(StringComparer.Ordinal)];
    }

    // Whatever stands behind an @ and is a domain.
    private static List<string> Guess(string value)
    {
        var domains = new List<string>();
        for (var at = value.IndexOf('@', StringComparison.Ordinal); at >= 0; at = value.IndexOf('@', at + 1))
        {
            var end = at + 1;
            while (end < value.Length && (char.IsLetterOrDigit(value[end]) || value[end] is '-' or '.' or '_')) end++;
            if (EmailAddress.TryNormalizeDomain(value[(at + 1)..end].Trim('.'), out var domain)) domains.Add(domain);
        }

        return domains;
    }
}
