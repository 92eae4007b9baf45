using System.Globalization;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Formatting;

namespace MailServer.Web.Pages;

/// <summary>Formats values for display.</summary>
public static class DisplayFormat
{
    public static string Octets(long count) => ByteSize.Of(count);

    /// <summary>A domain of this server as people write it: internationalised names in Unicode (RFC 5890 U-labels).</summary>
    public static string Domain(string domain) => UnicodeDomain.Of(domain);

    /// <summary>An address of this server with its domain in Unicode.</summary>
    public static string Address(EmailAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var text = address.ToString();
        return text.EndsWith('@' + address.Domain, StringComparison.Ordinal) ? text[..^address.Domain.Length] + UnicodeDomain.Of(address.Domain) : text;
    }

    /// <summary>An alias with its domain in Unicode.</summary>
    public static string Address(AliasAddress alias)
    {
        ArgumentNullException.ThrowIfNull(alias);
        return alias.Address is { } address ? Address(address) : '@' + UnicodeDomain.Of(alias.Domain);
    }

    /// <summary>The suffix of a size: the percentage of the quota.</summary>
    public static string OfQuota(long used, long? quota) => quota is not { } limit
        ? ", no quota"
        : string.Create(CultureInfo.InvariantCulture, $", {used * 100.0 / limit:0} % of {ByteSize.Of(limit)}");

    public static string Count(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {Quantity.Noun(count, one, many)}");

    public static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>A duration in its largest unit.</summary>
    public static string Span(TimeSpan span) => span.Duration() switch
    {
        { TotalMinutes: < 1 } => "less than a minute",
        { TotalHours: < 1 } s => Count((long)s.TotalMinutes, "minute"),
        { TotalDays: < 1 } s => Count((long)s.TotalHours, "hour"),
        var s => Count((long)s.TotalDays, "day"),
    };

    /// <summary>A path with a query parameter.</summary>
    public static string Link(string path, string name, string value) => $"{path}?{name}={Uri.EscapeDataString(value)}";
}
