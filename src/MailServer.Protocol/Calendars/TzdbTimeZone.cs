using NodaTime;
using NodaTime.TimeZones;

namespace MailServer.Protocol.Calendars;

/// <summary>A zone of the time zone database in NodaTime, so that results do not depend on the database of the operating system.</summary>
internal sealed class TzdbTimeZone(DateTimeZone zone) : CalendarTimeZone
{
    private const int LongestName = 255;

    /// <summary>The intervals of constant offset, starting with the one in effect at <paramref name="from"/>.</summary>
    public IEnumerable<ZoneInterval> Intervals(DateTimeOffset from, DateTimeOffset until) =>
        zone.GetZoneIntervals(Instant.FromDateTimeOffset(from), Instant.FromDateTimeOffset(until));

    public override TimeSpan OffsetAt(DateTime utc) => zone.GetUtcOffset(Instant.FromDateTimeUtc(SaturatingDateTime.Utc(utc))).ToTimeSpan();

    public override string ToString() => zone.Id;

    public static TzdbTimeZone? Find(string id)
    {
        id = id.Trim().Trim('"');
        if (id.Length is 0 or > LongestName)
            return null;
        if (Known(id) is { } known)
            return new TzdbTimeZone(known);
        for (var slash = id.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = id.IndexOf('/', slash + 1))
        {
            if (Known(id[(slash + 1)..]) is { } inside)
                return new TzdbTimeZone(inside);
        }

        return null;
    }

    private static DateTimeZone? Known(string id) =>
        DateTimeZoneProviders.Tzdb.GetZoneOrNull(id)
        ?? (TzdbDateTimeZoneSource.Default.WindowsMapping.PrimaryMapping.TryGetValue(id, out var iana) ? DateTimeZoneProviders.Tzdb.GetZoneOrNull(iana) : null);
}
