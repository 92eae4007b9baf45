using System.Text;

namespace MailServer.Protocol.Dav.Import;

/// <summary>A component in an import file that was found by its BEGIN and END alone, so that a malformed one does not hide where the next one begins.</summary>
/// <param name="Name">The name of the component in upper case.</param>
/// <param name="Text">The octets, from BEGIN to END.</param>
/// <param name="Line">The line of BEGIN, from 1.</param>
/// <param name="Calendar">The number of the VCALENDAR that contains it.</param>
internal readonly record struct ImportSlice(string Name, ReadOnlyMemory<byte> Text, int Line, int Calendar)
{
    private static readonly HashSet<string> OfCalendars = new(StringComparer.Ordinal) { "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY", "VPOLL" };

    /// <summary>True if the first component of the file is a card.</summary>
    public static bool IsOfContacts(ReadOnlyMemory<byte> file)
    {
        foreach (var line in Lines(file))
            if (Marker(file.Span[line.Range]) is { } marker) return marker is { IsBegin: true, Name: "VCARD" };
        return false;
    }

    /// <summary>The cards of a file, and text between them as slices without a name.</summary>
    public static IEnumerable<ImportSlice> Cards(ReadOnlyMemory<byte> file)
    {
        (int At, int Line)? open = null;
        var (nested, isAgent, isLoose) = (0, false, false);
        foreach (var (range, number) in Lines(file))
        {
            var marker = Marker(file.Span[range]);
            // Text between cards is reported once, however many lines it has.
            var wasLoose = isLoose;
            isLoose = open is null && marker is not { Name: "VCARD" } && (wasLoose || !IsBlank(file.Span[range]));
            if (marker is { IsBegin: true, Name: "VCARD" })
            {
                // vCard 2.1 has the card of an agent inside the card.
                if (isAgent) nested++;
                else if (open is { } unfinished) yield return new ImportSlice("VCARD", file[unfinished.At..range.Start], unfinished.Line, 0);
                if (nested == 0) open = (range.Start.Value, number);
            }
            else if (marker is { IsBegin: false, Name: "VCARD" } && open is { } finished)
            {
                if (nested == 0) yield return new ImportSlice("VCARD", file[finished.At..range.End], finished.Line, 0);
                if (nested-- > 0) continue;
                (open, nested) = (null, 0);
            }
            else if (isLoose && !wasLoose)
            {
                yield return new ImportSlice("", file[range], number, 0);
            }

            isAgent = open is not null && IsAgent(file.Span[range]);
        }

        if (open is { } last) yield return new ImportSlice("VCARD", file[last.At..], last.Line, 0);
    }

    /// <summary>
    /// The components of the calendars in a file; each line of a calendar itself as a slice named VCALENDAR; and as slices without a name text outside of calendars
    /// (with the first line) and a calendar that does not end (empty).
    /// </summary>
    public static IEnumerable<ImportSlice> Components(ReadOnlyMemory<byte> file)
    {
        (string Name, int At, int Line)? open = null;
        var (depth, calendar, begin, isLoose) = (0, 0, 0, false);
        foreach (var (range, number) in Lines(file))
        {
            if (Marker(file.Span[range]) is not { } marker)
            {
                if (open is not null || IsBlank(file.Span[range])) continue;
                if (begin > 0) yield return new ImportSlice("VCALENDAR", file[range], number, calendar);
                else if (!isLoose) yield return new ImportSlice("", file[range], number, calendar);
                isLoose = begin == 0;
                continue;
            }

            isLoose = false;

            var endsCalendar = marker.Name == "VCALENDAR";
            if (open is { } current && (endsCalendar || marker.IsBegin && OfCalendars.Contains(marker.Name)))
            {
                yield return new ImportSlice(current.Name, file[current.At..range.Start], current.Line, calendar);
                open = null;
            }

            if (endsCalendar)
            {
                (begin, calendar) = marker.IsBegin ? (number, calendar + 1) : (0, calendar);
            }
            else if (open is not { } inner)
            {
                if (marker.IsBegin) (open, depth) = ((marker.Name, range.Start.Value, number), 0);
            }
            else if (marker.IsBegin)
            {
                depth++;
            }
            else if (marker.Name == inner.Name || depth-- == 0)
            {
                yield return new ImportSlice(inner.Name, file[inner.At..range.End], inner.Line, calendar);
                open = null;
            }
        }

        if (open is { } last) yield return new ImportSlice(last.Name, file[last.At..], last.Line, calendar);
        else if (begin > 0) yield return new ImportSlice("", file[..0], begin, calendar);
    }

    /// <summary>The value of a property as it is written, for naming an entry that cannot be parsed.</summary>
    public string? Find(string property)
    {
        foreach (var (range, _) in Lines(Text))
        {
            var line = Encoding.UTF8.GetString(Text.Span[range]).Trim();
            if (line.StartsWith(property + ":", StringComparison.OrdinalIgnoreCase)) return line[(property.Length + 1)..];
        }

        return null;
    }

    private static IEnumerable<(Range Range, int Number)> Lines(ReadOnlyMemory<byte> text)
    {
        var (start, number) = (0, 0);
        while (start < text.Length)
        {
            var feed = text.Span[start..].IndexOf((byte)'\n');
            var end = feed < 0 ? text.Length : start + feed + 1;
            yield return (start..end, ++number);
            start = end;
        }
    }

    private static (bool IsBegin, string Name)? Marker(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("\uFEFF"u8)) line = line[3..];
        var isBegin = line.Length > 6 && Ascii.EqualsIgnoreCase(line[..6], "BEGIN:"u8);
        if (!isBegin && !(line.Length > 4 && Ascii.EqualsIgnoreCase(line[..4], "END:"u8))) return null;
        return (isBegin, Encoding.Latin1.GetString(line[(isBegin ? 6 : 4)..]).Trim().ToUpperInvariant());
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => line.Trim(" \t\r\n\0\u001A\uFEFF"u8).IsEmpty;

    private static bool IsAgent(ReadOnlySpan<byte> line) =>
        line.Length > 6 && Ascii.EqualsIgnoreCase(line[..5], "AGENT"u8) && line.TrimEnd(" \t\r\n"u8).EndsWith(":"u8);
}
