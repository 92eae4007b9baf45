using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Messages;
using MailServer.Protocol.Smtp.Headers;

namespace MailServer.Protocol.MessageAuthentication.Dmarc;

/// <summary>
/// Finds the domains in a message's From fields. A well-formed message has exactly one From field with one domain. For any other message, every
/// domain that a mail reader might display is evaluated, so that a second or malformed From field cannot hide a forgery.
/// </summary>
public static class AuthorDomains
{
    public static IReadOnlyList<string> Find(ReadOnlySpan<byte> header)
    {
        var domains = new List<string>();
        foreach (var field in HeaderFields.Enumerate(header))
        {
            if (!Ascii.EqualsIgnoreCase(field.Name, "From"u8)) continue;
            var named = FromFieldParser.Parse(field.Value) is { } addresses ? addresses.Select(a => a.Domain) : Guess(Encoding.UTF8.GetString(field.Value));
            domains.AddRange(named);
        }

        return [.. domains.Distinct(StringComparer.Ordinal)];
    }

    // Anything after an @ that is a domain name.
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
