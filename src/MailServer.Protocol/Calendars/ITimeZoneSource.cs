namespace MailServer.Protocol.Calendars;

/// <summary>Finds what a TZID parameter names.</summary>
internal interface ITimeZoneSource
{
    CalendarTimeZone? Find(string id);
}
