namespace MailServer.Protocol.Calendars.Times;

/// <summary>DateTime arithmetic that saturates at the minimum and maximum value instead of throwing.</summary>
internal static class SaturatingDateTime
{
    public static readonly DateTime Earliest = new(DateTime.MinValue.Ticks, DateTimeKind.Utc);

    public static readonly DateTime Latest = new(DateTime.MaxValue.Ticks, DateTimeKind.Utc);

    public static DateTime Plus(this DateTime time, TimeSpan span)
    {
        var ticks = (Int128)time.Ticks + span.Ticks;
        return new DateTime((long)Int128.Clamp(ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks), time.Kind);
    }

    public static DateTime Minus(this DateTime time, TimeSpan span) => span == TimeSpan.MinValue ? Latest : time.Plus(-span);

    public static DateTime PlusDays(this DateTime time, long days) => time.Plus(TimeSpan.FromTicks(Math.Clamp(days, -4_000_000, 4_000_000) * TimeSpan.TicksPerDay));

    public static DateTime Utc(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Utc);

    public static DateTime Local(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Unspecified);

    public static DateTime Min(DateTime a, DateTime b) => a < b ? a : b;

    public static DateTime Max(DateTime a, DateTime b) => a > b ? a : b;
}
