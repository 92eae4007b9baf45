using System.Globalization;

namespace MailServer.Protocol.Smtp.Headers;

/// <summary>Formats date-time (RFC 5322 §3.3).</summary>
public static class MailDate
{
    public static string Format(DateTimeOffset time)
    {
        var offset = time.Offset.Duration();
        var sign = time.Offset < TimeSpan.Zero ? '-' : '+';
        return string.Create(CultureInfo.InvariantCulture, $"{time:ddd, dd MMM yyyy HH:mm:ss} {sign}{offset.Hours:D2}{offset.Minutes:D2}");
    }
}
