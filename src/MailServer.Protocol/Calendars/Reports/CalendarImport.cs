using System.Buffers;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars.Reports;

/// <summary>Splits a calendar file with many components into separate calendar object resources.</summary>
public static class CalendarImport
{
    /// <summary>Returns one object for each UID, with the time zones that it uses and without METHOD.</summary>
    /// <param name="text">The file.</param>
    /// <param name="limits">Limits on the size of the file.</param>
    /// <param name="objects">The objects.</param>
    /// <param name="fault">The reason if the file cannot be parsed.</param>
    /// <param name="withoutUid">Also return one object for each component without UID. These cannot be stored, but a caller that counts rejected objects needs them.</param>
    public static bool TrySplit(
        ReadOnlyMemory<byte> text, CalendarLimits limits, out IEnumerable<ReadOnlyMemory<byte>> objects, out ContentLineFault? fault, bool withoutUid = false)
    {
        var read = ContentComponentParser.TryRead(text, limits.Content, out var roots, out fault);
        objects = read ? roots.Where(r => r.Name == "VCALENDAR").SelectMany(root => Split(root, withoutUid)) : [];
        return read;
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Split(ContentComponent root, bool withoutUid)
    {
        var entries = root.Components.Where(c => c.Name != "VTIMEZONE").ToLookup(HasUid);
        foreach (var group in entries[true].GroupBy(c => (c.Name, c.Line("UID")!.Text)))
            yield return Write(root, group);
        if (!withoutUid) yield break;
        foreach (var component in entries[false])
            yield return Write(root, [component]);
    }

    private static bool HasUid(ContentComponent component) => component.Line("UID") is { Value.IsEmpty: false };

    private static ReadOnlyMemory<byte> Write(ContentComponent root, IEnumerable<ContentComponent> components)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ContentWriter(output);
        var named = components.SelectMany(c => c.Lines).Select(l => l.Parameter("TZID")?.Trim()).ToHashSet(StringComparer.Ordinal);
        writer.Begin(root.Name);
        foreach (var line in root.Lines.Where(l => l.Name != "METHOD"))
            writer.WriteStored(line.Raw.Span);
        foreach (var zone in root.ComponentsNamed("VTIMEZONE").Where(z => named.Contains(z.Line("TZID")?.Text.Trim())))
            writer.WriteStored(zone.Raw.Span);
        foreach (var component in components)
            writer.WriteStored(component.Raw.Span);
        writer.End(root.Name);
        return output.WrittenMemory;
    }
}
