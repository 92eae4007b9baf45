using System.Diagnostics.CodeAnalysis;

namespace MailServer.Protocol.Calendars.Times;

/// <summary>The UTC offsets of a time zone, from the time zone database or a VTIMEZONE.</summary>
public abstract class CalendarTimeZone
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static CalendarTimeZone Utc { get; } = TzdbTimeZone.Find("UTC")!;

    /// <summary>Finds a zone by its IANA or Windows name. Surrounding blanks and vendor prefixes (<c>/mozilla.org/20050126_1/Europe/Berlin</c>) are ignored.</summary>
    public static bool TryFind(string id, [NotNullWhen(true)] out CalendarTimeZone? zone) => (zone = TzdbTimeZone.Find(id)) is not null;

    /// <summary>The difference between local time and UTC at <paramref name="utc"/>.</summary>
    public abstract TimeSpan OffsetAt(DateTime utc);

    public DateTime ToLocal(DateTime utc) => SaturatingDateTime.Local(utc.Plus(OffsetAt(utc)));

    /// <summary>
    /// Converts local time to UTC. An ambiguous time is its first occurrence; a time skipped by a transition is read with the offset
    /// before the transition (RFC 5545 §3.3.5).
    /// </summary>
    public DateTime ToUtc(DateTime local)
    {
        TryToUtc(local, out var utc);
        return utc;
    }

    /// <summary>Like <see cref="ToUtc"/>, but false if a transition skips <paramref name="local"/>.</summary>
    internal bool TryToUtc(DateTime local, out DateTime utc)
    {
        var asUtc = SaturatingDateTime.Utc(local);
        var before = OffsetAt(asUtc.Minus(Day));
        var after = OffsetAt(asUtc.Plus(Day));
        utc = asUtc.Minus(before);
        if (before == after || OffsetAt(utc) == before)
            return true;
        var later = asUtc.Minus(after);
        if (OffsetAt(later) != after)
            return false;
        utc = later;
        return true;
    }
}
