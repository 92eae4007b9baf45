namespace MailServer.Protocol.Calendars.Times;

/// <summary>Resolves the names of time zones (<see cref="ZoneName"/>).</summary>
internal interface ITimeZoneSource
{
    CalendarTimeZone? Find(string name);
}
