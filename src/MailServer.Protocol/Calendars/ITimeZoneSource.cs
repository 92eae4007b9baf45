namespace MailServer.Protocol.Calendars;

/// <summary>Resolves TZID parameters.</summary>
internal interface ITimeZoneSource
{
    CalendarTimeZone? Find(string id);
}
