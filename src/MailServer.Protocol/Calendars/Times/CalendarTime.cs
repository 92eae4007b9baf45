using System.Globalization;

namespace MailServer.Protocol.Calendars.Times;

/// <summary>The form of a DATE or DATE-TIME value (RFC 5545 §3.3.4, §3.3.5).</summary>
public enum CalendarTimeForm
{
    Date,
    Floating,
    Utc,
    Zoned,
}

/// <summary>A DATE or DATE-TIME as written: the local time, and the time zone if the value refers to one.</summary>
public readonly record struct CalendarTime(DateTime Local, CalendarTimeForm Form, CalendarTimeZone? Zone)
{
    public bool IsDate => Form == CalendarTimeForm.Date;

    /// <summary>True if the point in time depends on the viewer's time zone.</summary>
    public bool IsFloating => Form is CalendarTimeForm.Date or CalendarTimeForm.Floating;

    /// <summary>Identifies an instance by its recurrence id: a date, or a time in UTC, which is comparable across time zones.</summary>
    internal string InstanceKey => IsDate
        ? Local.ToString("yyyyMMdd", CultureInfo.InvariantCulture)
        : ToUtc(CalendarTimeZone.Utc).ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The time in UTC. Dates and floating times are interpreted in <paramref name="floating"/>.</summary>
    public DateTime ToUtc(CalendarTimeZone floating) => ZoneOr(floating).ToUtc(Local);

    internal CalendarTimeZone ZoneOr(CalendarTimeZone floating) => Form == CalendarTimeForm.Utc ? CalendarTimeZone.Utc : Zone ?? floating;

    internal CalendarTime At(DateTime local) => this with { Local = local };
}
