using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Calendars;

/// <summary>One instance of a component.</summary>
/// <param name="Component">The component that describes the instance: the master component or an override.</param>
/// <param name="Start">The start (for a task without a start, the due time), in the form that the component uses.</param>
/// <param name="StartUtc">The start in UTC.</param>
/// <param name="EndUtc">The end in UTC; null if the component has neither end nor duration.</param>
/// <param name="RecurrenceId">The recurrence id of the instance; null for a component that does not recur.</param>
internal readonly record struct CalendarInstance(
    CalendarComponent Component, CalendarTime? Start, DateTime StartUtc, DateTime? EndUtc, CalendarTime? RecurrenceId);
