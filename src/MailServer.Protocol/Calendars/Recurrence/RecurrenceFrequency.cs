namespace MailServer.Protocol.Calendars.Recurrence;

internal enum RecurrenceFrequency
{
    Secondly,
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}
