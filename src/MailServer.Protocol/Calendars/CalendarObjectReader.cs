using System.Diagnostics.CodeAnalysis;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>Parses and validates a calendar object resource (RFC 4791 §4.1).</summary>
internal static class CalendarObjectReader
{
    private static readonly string[] Supported = ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY"];

    public static bool TryRead(
        ReadOnlyMemory<byte> text, CalendarLimits limits, [NotNullWhen(true)] out CalendarObject? calendar, [NotNullWhen(false)] out CalendarFault? fault)
    {
        calendar = null;
        if (!ContentComponentParser.TryRead(text, limits.Content, out var roots, out var wrong))
        {
            var precondition = wrong!.Kind == ContentLineFaultKind.TextTooLong ? CalendarPrecondition.MaxResourceSize : CalendarPrecondition.ValidCalendarData;
            fault = new CalendarFault(precondition, wrong.ToString());
            return false;
        }

        fault = roots is [{ Name: "VCALENDAR" }] ? CheckObject(roots[0]) : CalendarFault.Data("not exactly one VCALENDAR");
        if (fault is not null)
            return false;
        var zones = new ObjectTimeZones(roots[0]);
        if (!TryReadComponents(roots[0], zones, limits, out var components, out fault))
            return false;
        calendar = new CalendarObject(text, roots[0], zones, components, limits);
        return true;
    }

    private static CalendarFault? CheckObject(ContentComponent root)
    {
        if (root.Line("METHOD") is not null)
            return CalendarFault.Object("METHOD is not allowed in a stored calendar object");
        var components = root.Components.Where(c => c.Name != "VTIMEZONE").ToArray();
        if (components.Length == 0)
            return CalendarFault.Object("no component other than time zones");
        var first = components[0];
        if (Array.IndexOf(Supported, first.Name) < 0)
            return new CalendarFault(CalendarPrecondition.SupportedCalendarComponent, $"{Shown(first.Name)} components are not supported");
        if (components.Any(c => c.Name != first.Name))
            return CalendarFault.Object("components of different types");
        if (first.TextOf("UID") is not { Length: > 0 } uid)
            return CalendarFault.Object("no UID");
        return components.Any(c => !string.Equals(c.TextOf("UID"), uid, StringComparison.Ordinal)) ? CalendarFault.Object("more than one UID") : null;
    }

    private static bool TryReadComponents(
        ContentComponent root, ObjectTimeZones zones, CalendarLimits limits, out List<CalendarComponent> components, [NotNullWhen(false)] out CalendarFault? fault)
    {
        var reader = new CalendarComponentReader(zones);
        components = [];
        fault = null;
        foreach (var content in root.Components.Where(c => c.Name != "VTIMEZONE"))
        {
            if (!reader.TryRead(content, out var component, out var reason))
                fault = CalendarFault.Data(reason);
            else if (component.Name == "VEVENT" && component.Start is null)
                fault = CalendarFault.Data("an event without DTSTART");
            else if (content.LinesNamed("ATTENDEE").Count() > limits.MaxAttendees)
                fault = new CalendarFault(CalendarPrecondition.MaxAttendeesPerInstance, "too many attendees");
            else
                components.Add(component);
            if (fault is not null)
                return false;
        }

        if (components.Count(c => c.RecurrenceId is null) > 1)
            fault = CalendarFault.Object("more than one component without RECURRENCE-ID");
        return fault is null;
    }

    private static string Shown(string name) => name.Length > 40 ? name[..40] : name;
}
