using MailServer.Domain.Collections;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>Maps types of calendar components to their names in iCalendar.</summary>
public static class CalendarComponentNames
{
    private static readonly (CalendarComponents Component, string Name)[] Table =
    [
        (CalendarComponents.Event, "VEVENT"),
        (CalendarComponents.Todo, "VTODO"),
        (CalendarComponents.Journal, "VJOURNAL"),
        (CalendarComponents.FreeBusy, "VFREEBUSY"),
        (CalendarComponents.Availability, "VAVAILABILITY"),
    ];

    public static IEnumerable<string> Of(CalendarComponents components) =>
        Table.Where(row => (row.Component & components) != 0).Select(row => row.Name);

    /// <summary>The component with this name; None if calendars do not support it.</summary>
    public static CalendarComponents Parse(string? name) =>
        Table.FirstOrDefault(row => row.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Component;
}
