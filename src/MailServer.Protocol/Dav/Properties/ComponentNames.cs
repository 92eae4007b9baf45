using MailServer.Domain.Collections;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>The types of calendar components and their names in iCalendar.</summary>
public static class ComponentNames
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

    /// <summary>None for a name that calendars do not hold.</summary>
    public static CalendarComponents Parse(string? name) =>
        Table.FirstOrDefault(row => row.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Component;
}
