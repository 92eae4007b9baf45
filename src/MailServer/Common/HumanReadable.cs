using System.Globalization;
using MailServer.Domain.Formatting;

namespace MailServer.Common;

/// <summary>Formats ages and times for people.</summary>
internal static class HumanReadable
{
    public static string Age(TimeSpan age) => age switch
    {
        { TotalDays: >= 2 } => Quantity.Of((int)age.TotalDays, "day"),
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalHours}h {age.Minutes}m"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{age.Minutes}m {age.Seconds}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (int)age.TotalSeconds)}s"),
    };

    public static object Time(DateTimeOffset? time) => time is { } value ? value : "";
}
