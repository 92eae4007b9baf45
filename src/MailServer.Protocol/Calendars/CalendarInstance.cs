namespace MailServer.Protocol.Calendars;

/// <summary>One instance of a component.</summary>
/// <param name="Component">The component that says what the instance is: the recurring one or its override.</param>
/// <param name="Start">The start (of a task without one: when it is due), as the component would write it.</param>
/// <param name="StartUtc">The same as a moment.</param>
/// <param name="EndUtc">The end, null where the component has neither end nor duration.</param>
/// <param name="RecurrenceId">Which instance of the recurrence it is; null for a component that does not recur.</param>
internal readonly record struct CalendarInstance(
    CalendarComponent Component, CalendarTime? Start, DateTime StartUtc, DateTime? EndUtc, CalendarTime? RecurrenceId);
