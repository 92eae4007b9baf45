using System.Buffers;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>
/// Time zones by reference (RFC 7809 §3.1.2): removes standard VTIMEZONEs for clients that have the time zone database, and adds missing
/// definitions for clients that request them.
/// </summary>
public static class StandardTimeZones
{
    /// <summary>The object without the VTIMEZONEs whose TZID is in the time zone database.</summary>
    public static ReadOnlyMemory<byte> RemoveDefinitions(ReadOnlyMemory<byte> text)
    {
        if (!CalendarObject.TryParse(text, CalendarLimits.Default, out var calendar, out _) || !calendar.Root.Components.Any(IsStandard)) return text;
        var output = new ArrayBufferWriter<byte>(text.Length);
        var writer = new ContentWriter(output);
        writer.Begin(calendar.Root.Name);
        foreach (var line in calendar.Root.Lines) writer.WriteStored(line.Raw.Span);
        foreach (var component in calendar.Root.Components.Where(component => !IsStandard(component))) writer.WriteStored(component.Raw.Span);
        writer.End(calendar.Root.Name);
        return output.WrittenMemory;
    }

    /// <summary>The object with a VTIMEZONE added for each TZID of the time zone database that it uses but does not define.</summary>
    public static ReadOnlyMemory<byte> AddDefinitions(ReadOnlyMemory<byte> text)
    {
        if (!CalendarObject.TryParse(text, CalendarLimits.Default, out var calendar, out _)) return text;
        var defined = calendar.Root.ComponentsNamed("VTIMEZONE").Select(c => ZoneName.DefinedBy(c.Lines)).ToHashSet(StringComparer.Ordinal);
        // The definition gets the name as the object writes it, because clients may compare the two octet for octet.
        var missing = calendar.Root.AllLines.Select(ZoneName.WrittenIn).OfType<string>().DistinctBy(ZoneName.Of, StringComparer.Ordinal).Where(id => !defined.Contains(ZoneName.Of(id)))
            .Select(id => (Id: id, Zone: TzdbTimeZone.Find(id))).Where(z => z.Zone is not null).ToArray();
        if (missing.Length == 0) return text;
        var output = new ArrayBufferWriter<byte>(text.Length + 1024);
        var writer = new ContentWriter(output);
        writer.Begin(calendar.Root.Name);
        foreach (var line in calendar.Root.Lines) writer.WriteStored(line.Raw.Span);
        foreach (var (id, zone) in missing) VTimeZoneWriter.Write(writer, id, zone!, calendar.FirstUtc, calendar.LastUtc);
        foreach (var component in calendar.Root.Components) writer.WriteStored(component.Raw.Span);
        writer.End(calendar.Root.Name);
        return output.WrittenMemory;
    }

    /// <summary>A VCALENDAR with the definition of a zone of the time zone database, from last year on; null if the database has none of this name.</summary>
    public static ReadOnlyMemory<byte>? Define(string id, DateTimeOffset now)
    {
        if (TzdbTimeZone.Find(id) is not { } zone) return null;
        var output = new ArrayBufferWriter<byte>(2048);
        var writer = new ContentWriter(output);
        writer.Begin("VCALENDAR");
        writer.WriteLine("VERSION:2.0");
        writer.WriteLine("PRODID:-//mailserver//EN");
        VTimeZoneWriter.Write(writer, id, zone, now, last: null);
        writer.End("VCALENDAR");
        return output.WrittenMemory;
    }

    /// <summary>The name that a VCALENDAR with a single VTIMEZONE defines; null if the time zone database has none of this name.</summary>
    public static string? NameIn(ReadOnlyMemory<byte> text) =>
        ContentComponentParser.TryRead(text, CalendarLimits.Default.Content, out var roots, out _) && roots is [{ Components: [{ Name: "VTIMEZONE" } definition] }]
        && ZoneName.DefinedBy(definition.Lines) is { } name && TzdbTimeZone.IsStandard(name) ? name : null;

    private static bool IsStandard(ContentComponent component) =>
        component.Name == "VTIMEZONE" && ZoneName.DefinedBy(component.Lines) is { } name && TzdbTimeZone.IsStandard(name);
}
