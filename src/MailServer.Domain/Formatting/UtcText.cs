using System.Globalization;

namespace MailServer.Domain.Formatting;

/// <summary>Times for logs and for people: ISO 8601 in UTC.</summary>
public static class UtcText
{
    /// <summary>To the second: <c>2026-11-28T23:25:33Z</c>.</summary>
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>To the second. A time of unspecified kind is taken as UTC.</summary>
    public static string Of(DateTime time) => Of(new DateTimeOffset(time.Kind == DateTimeKind.Unspecified ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : time.ToUniversalTime()));

    /// <summary>To the millisecond: <c>2026-11-28T23:25:33.042Z</c>.</summary>
    public static string WithMilliseconds(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
