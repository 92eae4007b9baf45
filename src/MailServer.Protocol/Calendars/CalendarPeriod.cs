namespace MailServer.Protocol.Calendars;

/// <summary>A PERIOD (RFC 5545 §3.3.9), or a time alone, as RDATE and FREEBUSY list them.</summary>
internal readonly record struct CalendarPeriod(CalendarTime Start, CalendarTime? End, CalendarDuration? Duration)
{
    public DateTime? EndUtc(CalendarTimeZone floating) => End?.ToUtc(floating) ?? Duration?.AddTo(Start, floating);
}
