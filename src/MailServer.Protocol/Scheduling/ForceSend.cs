using MailServer.Protocol.Calendars;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Scheduling;

/// <summary>SCHEDULE-FORCE-SEND, with which a client orders a message that the change alone would not cause (RFC 6638 §7.2). It is never stored.</summary>
internal static class ForceSend
{
    private const string Parameter = "SCHEDULE-FORCE-SEND";

    /// <summary>The status of a property with an order that the server does not know.</summary>
    private const string Ignored = "2.3";

    private static readonly string[] Properties = ["ATTENDEE", "ORGANIZER"];

    /// <summary>True if the property orders a message with this method.</summary>
    public static bool Orders(ContentLine? property, string method) => property?.Parameter(Parameter)?.Equals(method, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>True if any property of the object has the parameter.</summary>
    public static bool IsIn(CalendarObject calendar) =>
        calendar.Components.SelectMany(static c => Properties.SelectMany(c.Content.LinesNamed)).Any(static line => line.Parameter(Parameter) is not null);

    /// <summary>Removes the parameter from a component that is stored.</summary>
    public static void Remove(EditableComponent component)
    {
        foreach (var property in Properties) component.Change(property, Remove);
    }

    private static ContentLine Remove(ContentLine line)
    {
        if (line.Parameter(Parameter) is not { } ordered) return line;
        var stored = EditableComponent.With(line, Parameter, null);
        return ordered.ToUpperInvariant() is "REQUEST" or "REPLY" ? stored : EditableComponent.With(stored, "SCHEDULE-STATUS", Ignored);
    }
}
