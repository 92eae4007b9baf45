using System.Globalization;
using MailServer.Domain.Formatting;

namespace MailServer.Web.Pages;

/// <summary>Formats values for display.</summary>
public static class DisplayFormat
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB"];

    public static string Octets(long count)
    {
        double value = count;
        var unit = 0;
        for (; value >= 1000 && unit < Units.Length - 1; unit++) value /= 1000;
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {Units[unit]}");
    }

    /// <summary>The suffix of a size: the percentage of the quota.</summary>
    public static string OfQuota(long used, long? quota) => quota is not { } limit
        ? ", no quota"
        : string.Create(CultureInfo.InvariantCulture, $", {used * 100.0 / limit:0} % of {Domain.Accounts.QuotaSize.Format(limit)}");

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
