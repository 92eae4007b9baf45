namespace MailServer.Protocol.Calendars.Reports;

/// <summary>How a time is taken (RFC 5545 §3.2.9).</summary>
public enum BusyType
{
    Busy,
    BusyTentative,
    BusyUnavailable,
}

/// <summary>A time that is taken, in UTC.</summary>
public readonly record struct BusyPeriod(DateTimeOffset Start, DateTimeOffset End, BusyType Type);
