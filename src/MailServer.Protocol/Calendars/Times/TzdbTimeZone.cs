using NodaTime;
using NodaTime.TimeZones;

namespace MailServer.Protocol.Calendars.Times;

/// <summary>A zone of the time zone database in NodaTime, so that results do not depend on the database of the operating system.</summary>
internal sealed class TzdbTimeZone(DateTimeZone zone) : CalendarTimeZone
{
    private const int LongestName = 255;

    private static readonly TimeSpan LargestOffset = TimeSpan.FromHours(18);

    /// <summary>The intervals of constant offset, starting with the one in effect at <paramref name="from"/>.</summary>
    public IEnumerable<ZoneInterval> Intervals(DateTimeOffset from, DateTimeOffset until) =>
        zone.GetZoneIntervals(Instant.FromDateTimeOffset(from), Instant.FromDateTimeOffset(until));

    public override TimeSpan OffsetAt(DateTime utc) => zone.GetUtcOffset(Instant.FromDateTimeUtc(SaturatingDateTime.Utc(utc))).ToTimeSpan();

    public override string ToString() => zone.Id;

    /// <summary>True for a name of the time zone database itself, which every client with a copy of it knows.</summary>
    public static bool IsStandard(string id) => ZoneName.Of(id) is { Length: > 0 and <= LongestName } name && DateTimeZoneProviders.Tzdb.GetZoneOrNull(name) is not null;

    /// <summary>Finds a zone by its IANA or Windows name, also behind a vendor prefix, or by a fixed offset such as <c>GMT+05:30</c>.</summary>
    public static TzdbTimeZone? Find(string id)
    {
        id = ZoneName.Of(id);
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
        ?? FixedOffset(id)
        ?? (TzdbDateTimeZoneSource.Default.WindowsMapping.PrimaryMapping.TryGetValue(id, out var iana) ? DateTimeZoneProviders.Tzdb.GetZoneOrNull(iana) : null);

    /// <summary>The zone of a name such as <c>GMT+05:30</c> or <c>UTC-3:00</c>; null for any other name.</summary>
    private static DateTimeZone? FixedOffset(string id)
    {
        if (id.Length is not (8 or 9) || !(id.StartsWith("GMT", StringComparison.Ordinal) || id.StartsWith("UTC", StringComparison.Ordinal)) || id[3] is not ('+' or '-')) return null;
        return CalendarValues.TryReadOffset($"{id[3]}{id[4..].Replace(":", "", StringComparison.Ordinal).PadLeft(4, '0')}", out var offset) && offset.Duration() < LargestOffset
            ? DateTimeZone.ForOffset(Offset.FromTimeSpan(offset))
            : null;
    }
}
