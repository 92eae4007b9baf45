namespace MailServer.Protocol.Calendars.Recurrence;

/// <summary>One BYDAY entry: <c>MO</c>, <c>2TU</c>, <c>-1FR</c>. Ordinal 0 means every such weekday.</summary>
internal readonly record struct ByDayEntry(int Ordinal, DayOfWeek Day);
