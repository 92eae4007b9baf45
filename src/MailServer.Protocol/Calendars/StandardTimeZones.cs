using System.Buffers;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>Time zones by reference (RFC 7809 §3.1.2): a client that knows the time zone database is spared the definitions of its zones.</summary>
public static class StandardTimeZones
{
    /// <summary>The object without the VTIMEZONEs that have a name of the database.</summary>
    public static ReadOnlyMemory<byte> LeaveOut(ReadOnlyMemory<byte> text)
    {
        if (!CalendarObject.TryParse(text, CalendarLimits.Default, out var calendar, out _) || !calendar.Root.Components.Any(IsStandard)) return text;
        var output = new ArrayBufferWriter<byte>(text.Length);
        var writer = new ContentWriter(output);
        writer.Begin(calendar.Root.Name);
        foreach (var line in calendar.Root.Lines) writer.Stored(line.Raw.Span);
        foreach (var component in calendar.Root.Components.Where(component => !IsStandard(component))) writer.Stored(component.Raw.Span);
        writer.End(calendar.Root.Name);
        return output.WrittenMemory;
    }

    private static bool IsStandard(ContentComponent component) =>
        component.Name == "VTIMEZONE" && component.Line("TZID") is { } id && CalendarTimeZone.TryFind(id.Text, out _);
}
