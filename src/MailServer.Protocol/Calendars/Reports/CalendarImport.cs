using System.Buffers;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars.Reports;

/// <summary>Takes a calendar file of many components apart into texts that can each be a calendar object resource.</summary>
public static class CalendarImport
{
    /// <summary>One text for each UID, with the time zones of its file; METHOD is left out.</summary>
    /// <param name="text">The file.</param>
    /// <param name="limits">What it may hold.</param>
    /// <param name="objects">The texts.</param>
    /// <param name="fault">Why it cannot be read.</param>
    /// <param name="withoutUid">Also one text for each component without UID, which cannot be stored: for who counts what was refused.</param>
    public static bool TrySplit(
        ReadOnlyMemory<byte> text, CalendarLimits limits, out IEnumerable<ReadOnlyMemory<byte>> objects, out ContentFault? fault, bool withoutUid = false)
    {
        var read = ContentTree.TryRead(text, limits.Content, out var roots, out fault);
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
            writer.Stored(line.Raw.Span);
        foreach (var zone in root.ComponentsNamed("VTIMEZONE").Where(z => named.Contains(z.Line("TZID")?.Text.Trim())))
            writer.Stored(zone.Raw.Span);
        foreach (var component in components)
            writer.Stored(component.Raw.Span);
        writer.End(root.Name);
        return output.WrittenMemory;
    }
}
