using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Calendars;

/// <summary>A PERIOD (RFC 5545 §3.3.9) or a single time: a value of RDATE or FREEBUSY.</summary>
internal readonly record struct CalendarPeriod(CalendarTime Start, CalendarTime? End, CalendarDuration? Duration)
{
    public DateTime? EndUtc(CalendarTimeZone floating) => End?.ToUtc(floating) ?? Duration?.AddTo(Start, floating);
}
