using System.Buffers;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars.Reports;

/// <summary>Takes a calendar file of many components apart into texts that can each be a calendar object resource.</summary>
public static class CalendarImport
{
    /// <summary>One text for each UID, with the time zones of its file; METHOD is left out. Components without UID are passed over.</summary>
    public static bool TrySplit(ReadOnlyMemory<byte> text, CalendarLimits limits, out IEnumerable<ReadOnlyMemory<byte>> objects, out ContentFault? fault)
    {
        var read = ContentTree.TryRead(text, limits.Content, out var roots, out fault);
        objects = read ? roots.Where(r => r.Name == "VCALENDAR").SelectMany(Split) : [];
        return read;
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Split(ContentComponent root)
    {
        var groups = root.Components
            .Where(c => c.Name != "VTIMEZONE" && c.Line("UID") is { Value.IsEmpty: false })
            .GroupBy(c => (c.Name, c.Line("UID")!.Text));
        foreach (var group in groups)
            yield return Write(root, group);
    }

    private static ReadOnlyMemory<byte> Write(ContentComponent root, IEnumerable<ContentComponent> components)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ContentWriter(output);
        var named = components.SelectMany(c => c.Lines).Select(l => l.Parameter("TZID")?.Trim()).ToHashSet(StringComparer.Ordinal);
        writer.Begin(root.Name);
        foreach (var line in root.Lines.Where(l => l.Name != "METHOD"))
            writer.Stored(line.Raw.Span);
        foreach (var zone in root.ComponentsNamed("VTIMEZONE").Where(z => named.Contains(z.Line("TZID")?.Text.Trim())))
            writer.Stored(zone.Raw.Span);
        foreach (var component in components)
            writer.Stored(component.Raw.Span);
        writer.End(root.Name);
        return output.WrittenMemory;
    }
}
