using MailServer.Domain.Addresses;
using MailServer.Protocol.Dav;

namespace MailServer.Protocol.Scheduling;

/// <summary>Parses a calendar user address (ORGANIZER, ATTENDEE; RFC 5545 §3.3.3): a mailto URI, or the URL of a principal on this server.</summary>
public static class CalendarUserAddress
{
    /// <summary>The scheme of an email address.</summary>
    public const string MailTo = "mailto:";

    /// <summary>Null if the value contains no email address.</summary>
    public static EmailAddress? Parse(string? value)
    {
        var text = value?.Trim().Trim('"') ?? "";
        if (text.StartsWith(MailTo, StringComparison.OrdinalIgnoreCase))
        {
            text = text[MailTo.Length..];
            var query = text.IndexOf('?', StringComparison.Ordinal);
            text = Uri.UnescapeDataString(query < 0 ? text : text[..query]);
        }
        else if (text.IndexOf(DavUrl.PrincipalsHref, StringComparison.Ordinal) is var principal and >= 0)
        {
            text = Uri.UnescapeDataString(text[(principal + DavUrl.PrincipalsHref.Length)..].TrimEnd('/'));
        }

        return EmailAddress.TryParse(text, out var address) ? address : null;
    }
}
