using System.Globalization;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;
using NodaTime;
using NodaTime.TimeZones;

namespace MailServer.Protocol.Calendars;

/// <summary>Writes a zone of the time zone database as a VTIMEZONE (RFC 5545 §3.6.5) that lists each transition in the time range of an object.</summary>
internal static class VTimeZoneWriter
{
    // The number of years covered for an object without an end: time zone rules change, so longer predictions would be wrong anyway.
    private const int Years = 30;

    private static readonly DateTimeOffset Latest = new(9990, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="writer">The destination.</param>
    /// <param name="id">The TZID that the object uses.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="first">A lower bound of the times in the object.</param>
    /// <param name="last">An upper bound of the times in the object; null if unbounded.</param>
    public static void Write(ContentWriter writer, string id, TzdbTimeZone zone, DateTimeOffset first, DateTimeOffset? last)
    {
        var from = Bounded(first, -1);
        var until = last is { } end && end < Bounded(first, Years) ? Bounded(end, 1) : Bounded(first, Years);
        var changes = new List<(Observance What, LocalDateTime At)>();
        ZoneInterval? before = null;
        foreach (var interval in zone.Intervals(from, until))
        {
            var offset = before?.WallOffset ?? interval.WallOffset;
            var start = before is null ? Instant.FromDateTimeOffset(from) : interval.Start;
            changes.Add((new Observance(interval.Savings != Offset.Zero, offset, interval.WallOffset, interval.Name), start.WithOffset(offset).LocalDateTime));
            before = interval;
        }

        writer.Begin("VTIMEZONE");
        writer.WriteLine("TZID:" + ContentText.Escape(id));
        foreach (var same in changes.GroupBy(c => c.What)) Write(writer, same.Key, [.. same.Select(c => c.At)]);
        writer.End("VTIMEZONE");
    }

    private static void Write(ContentWriter writer, Observance what, IReadOnlyList<LocalDateTime> starts)
    {
        var name = what.IsDaylight ? "DAYLIGHT" : "STANDARD";
        writer.Begin(name);
        writer.WriteLine("DTSTART:" + Text(starts[0]));
        writer.WriteLine("TZOFFSETFROM:" + Text(what.From));
        writer.WriteLine("TZOFFSETTO:" + Text(what.To));
        writer.WriteLine("TZNAME:" + what.Name);
        foreach (var start in starts.Skip(1)) writer.WriteLine("RDATE:" + Text(start));
        writer.End(name);
    }

    private static DateTimeOffset Bounded(DateTimeOffset time, int years) => time.Year + years is > 1 and < 9990 ? time.AddYears(years) : time < Latest ? time : Latest;

    private static string Text(LocalDateTime time) => time.ToString("uuuuMMdd'T'HHmmss", CultureInfo.InvariantCulture);

    private static string Text(Offset offset) => offset.ToString(offset.Seconds % 60 == 0 ? "+HHmm" : "+HHmmss", CultureInfo.InvariantCulture);

    private sealed record Observance(bool IsDaylight, Offset From, Offset To, string Name);
}
