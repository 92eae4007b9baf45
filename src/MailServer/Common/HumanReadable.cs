using System.Globalization;
using MailServer.Domain.Formatting;

namespace MailServer.Common;

/// <summary>Formats sizes, ages and times for people.</summary>
internal static class HumanReadable
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB"];

    public static string Size(long octets)
    {
        double size = octets;
        var unit = 0;
        for (; size >= 1024 && unit < Units.Length - 1; unit++) size /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 || size >= 100 ? Math.Round(size) : Math.Round(size, 1))} {Units[unit]}");
    }

    public static string Age(TimeSpan age) => age switch
    {
        { TotalDays: >= 2 } => Quantity.Of((int)age.TotalDays, "day"),
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalHours}h {age.Minutes}m"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{age.Minutes}m {age.Seconds}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (int)age.TotalSeconds)}s"),
    };

    public static object Time(DateTimeOffset? time) => time is { } value ? value : "";
}
