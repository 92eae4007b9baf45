namespace MailServer.Protocol.Calendars.Recurrence;

/// <summary>One BYDAY entry: <c>MO</c>, <c>2TU</c>, <c>-1FR</c>. Zero means every such day.</summary>
internal readonly record struct WeekdayRule(int Ordinal, DayOfWeek Day);
