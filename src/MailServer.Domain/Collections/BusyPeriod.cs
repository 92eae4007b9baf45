namespace MailServer.Domain.Collections;

/// <summary>The type of a busy time (FBTYPE, RFC 5545 §3.2.9).</summary>
public enum BusyType
{
    Busy,
    BusyTentative,
    BusyUnavailable,
}

/// <summary>A busy time in UTC.</summary>
public readonly record struct BusyPeriod(DateTimeOffset Start, DateTimeOffset End, BusyType Type);
