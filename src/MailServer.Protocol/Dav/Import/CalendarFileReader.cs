using System.Buffers;
using System.Globalization;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Dav.Import;

/// <summary>
/// Reads the events and tasks of a file. The components of one UID become one object, with the time zones that they use. Of a large file only one object is
/// parsed at a time; what is kept of the others is where they are.
/// </summary>
internal sealed class CalendarFileReader(ReadOnlyMemory<byte> file)
{
    private readonly ImportedUids _uids = new();
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public IEnumerable<ImportEntry> Read()
    {
        var slices = new List<ImportSlice>();
        foreach (var slice in ImportSlice.Components(file))
        {
            if (slices.Count > 0 && slices[0].Calendar != slice.Calendar)
            {
                foreach (var entry in ReadCalendar(slices)) yield return entry;
                slices.Clear();
            }

            slices.Add(slice);
        }

        foreach (var entry in ReadCalendar(slices)) yield return entry;
    }

    private IEnumerable<ImportEntry> ReadCalendar(List<ImportSlice> slices)
    {
        var frame = new CalendarFrame(slices.Where(static s => s.Name == "VCALENDAR"));
        var parts = new List<Part>();
        foreach (var slice in slices.Where(static s => s.Name != "VCALENDAR"))
        {
            if (slice.Name.Length == 0)
            {
                yield return new ImportEntry(ImportLabel.Of(slice, 0, null), CollectionSpace.Calendars) { Fault = slice.Text.IsEmpty ? "the calendar does not end" : "text outside of a calendar" };
                continue;
            }

            var number = _numbers[slice.Name] = _numbers.GetValueOrDefault(slice.Name) + 1;
            if (TryParse(slice, out var component, out var fault))
            {
                if (slice.Name == "VTIMEZONE") frame.Add(component!);
                else parts.Add(Part.Of(component!, slice, number));
                continue;
            }

            var at = slice with { Line = slice.Line + fault!.Line - 1 };
            yield return new ImportEntry(ImportLabel.Of(at, number, ImportLabel.NameIn(slice, slice.Name == "VTIMEZONE" ? "TZID" : "SUMMARY")), CollectionSpace.Calendars) { Fault = fault.Reason };
        }

        foreach (var entry in parts.GroupBy(static p => (p.Slice.Name, p.Uid, p.Uid is null ? p.Number : 0)).SelectMany(group => ReadObject(frame, [.. group]))) yield return entry;
    }

    /// <summary>The object of one UID. Of several components for the same instance the last one with the highest SEQUENCE is used.</summary>
    private IEnumerable<ImportEntry> ReadObject(CalendarFrame frame, Part[] parts)
    {
        var chosen = parts.GroupBy(static p => p.Instance, StringComparer.Ordinal).Select(static same => same.Last(p => p.Sequence == same.Max(static q => q.Sequence))).OrderBy(static p => p.Slice.Line).ToArray();
        foreach (var part in parts.Except(chosen)) yield return new ImportEntry(ImportLabel.Of(part.Slice, part.Number, $"UID {part.Uid}"), CollectionSpace.Calendars) { IsDuplicate = true };
        var components = new List<ContentComponent>();
        foreach (var part in chosen)
            if (TryParse(part.Slice, out var component, out _)) components.Add(component!);
        var uid = _uids.Take(components, out var isMade, out var isDuplicate, out var isSame);
        var entry = new ImportEntry(ImportLabel.Of(chosen[0].Slice, chosen[0].Number, isMade ? components[0].TextOf("SUMMARY") : $"UID {uid}"), CollectionSpace.Calendars) { IsDuplicate = isDuplicate };
        yield return isSame ? entry : entry with { Text = frame.Write(components, isMade ? uid : null) };
    }

    private static bool TryParse(ImportSlice slice, out ContentComponent? component, out ContentLineFault? fault)
    {
        var isRead = ContentComponentParser.TryRead(ReceivedText.Repair(slice.Text, null), ImportFile.Limits, out var roots, out fault);
        component = isRead ? roots[0] : null;
        return isRead;
    }

    /// <summary>Where a component is, and what decides which object it belongs to.</summary>
    private sealed record Part(ImportSlice Slice, int Number, string? Uid, string Instance, int Sequence)
    {
        public static Part Of(ContentComponent component, ImportSlice slice, int number)
        {
            var id = component.Line("RECURRENCE-ID");
            var sequence = int.TryParse(component.Line("SEQUENCE")?.Text, CultureInfo.InvariantCulture, out var written) ? written : 0;
            return new Part(slice, number, ImportedUids.Of(component), id is null ? "" : $"{id.Text} {ZoneName.UsedBy(id)}", sequence);
        }
    }

    /// <summary>The properties and time zones of one VCALENDAR.</summary>
    private sealed class CalendarFrame
    {
        private static readonly byte[] Default = "VERSION:2.0\r\nPRODID:-//mailserver//EN\r\n"u8.ToArray();

        /// <summary>METHOD, which only messages have, and properties of the calendar that belong to no single event.</summary>
        private static readonly string[] OfCalendar = ["METHOD", "NAME", "DESCRIPTION", "COLOR", "X-WR-CALNAME", "X-WR-CALDESC", "X-WR-RELCALID", "X-APPLE-CALENDAR-COLOR"];

        private readonly List<ReadOnlyMemory<byte>> _lines = [];
        private readonly List<ContentComponent> _zones = [];

        public CalendarFrame(IEnumerable<ImportSlice> lines)
        {
            var text = new ArrayBufferWriter<byte>();
            text.Write("BEGIN:VCALENDAR\r\n"u8);
            foreach (var line in lines) text.Write(line.Text.Span);
            text.Write("END:VCALENDAR\r\n"u8);
            var isRead = ContentComponentParser.TryRead(ReceivedText.Repair(text.WrittenMemory, null), ImportFile.Limits, out var roots, out _);
            if (isRead) _lines.AddRange(roots[0].Lines.Where(static l => Array.IndexOf(OfCalendar, l.Name) < 0).Select(static l => l.Raw));
            if (!isRead || roots[0].Line("VERSION") is null) _lines.Insert(0, Default);
        }

        public void Add(ContentComponent zone) => _zones.Add(zone);

        public ReadOnlyMemory<byte> Write(IReadOnlyList<ContentComponent> components, string? uid)
        {
            var output = new ArrayBufferWriter<byte>();
            var writer = new ContentWriter(output);
            var used = ZoneName.UsedIn(components.SelectMany(static c => c.AllLines));
            writer.Begin("VCALENDAR");
            foreach (var line in _lines) writer.WriteStored(line.Span);
            foreach (var zone in _zones.Where(z => ZoneName.DefinedBy(z.Lines) is { } name && used.Remove(name))) writer.WriteStored(zone.Raw.Span);
            foreach (var component in components) Write(writer, component, uid);
            writer.End("VCALENDAR");
            return output.WrittenMemory;
        }

        private static void Write(ContentWriter writer, ContentComponent component, string? uid)
        {
            if (uid is null)
            {
                writer.WriteStored(component.Raw.Span);
                return;
            }

            writer.Begin(component.Name);
            writer.WriteLine("UID:" + ContentText.Escape(uid));
            foreach (var line in component.Lines.Where(static l => l.Name != "UID")) writer.WriteStored(line.Raw.Span);
            foreach (var inner in component.Components) writer.WriteStored(inner.Raw.Span);
            writer.End(component.Name);
        }
    }
}
