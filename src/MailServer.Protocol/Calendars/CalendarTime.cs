namespace MailServer.Protocol.Calendars;

/// <summary>How a DATE or DATE-TIME is bound to the world (RFC 5545 §3.3.4, §3.3.5).</summary>
public enum CalendarTimeForm
{
    Date,
    Floating,
    Utc,
    Zoned,
}

/// <summary>A DATE or DATE-TIME as written: the local time, and the time zone when it names one.</summary>
public readonly record struct CalendarTime(DateTime Local, CalendarTimeForm Form, CalendarTimeZone? Zone)
{
    public bool IsDate => Form == CalendarTimeForm.Date;

    /// <summary>Dates and floating times mean something else in each time zone.</summary>
    public bool IsFloating => Form is CalendarTimeForm.Date or CalendarTimeForm.Floating;

    /// <summary>The moment; <paramref name="floating"/> is the time zone of dates and floating times.</summary>
    public DateTime ToUtc(CalendarTimeZone floating) => ZoneOr(floating).ToUtc(Local);

    internal CalendarTimeZone ZoneOr(CalendarTimeZone floating) => Form == CalendarTimeForm.Utc ? CalendarTimeZone.Utc : Zone ?? floating;

    internal CalendarTime At(DateTime local) => this with { Local = local };
}
