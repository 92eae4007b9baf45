using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Reports;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Dav;

/// <summary>Splits an import file into single calendar objects or contacts.</summary>
public static class ImportFileSplitter
{
    /// <summary>Limits on an import file, which may be larger than a single resource.</summary>
    private static readonly ContentLineLimits Content = new() { MaxText = 256 * 1024 * 1024, MaxLines = 20_000_000 };

    /// <summary>False with a reason if the file is malformed.</summary>
    public static bool TrySplit(CollectionSpace space, ReadOnlyMemory<byte> text, out IEnumerable<ReadOnlyMemory<byte>> objects, out string fault)
    {
        ContentLineFault? wrong;
        if (space == CollectionSpace.Calendars)
        {
            var read = CalendarImport.TrySplit(text, CalendarLimits.Default with { Content = Content }, out objects, out wrong, withoutUid: true);
            fault = read ? "" : wrong!.ToString();
            return read;
        }

        var isRead = ContentComponentParser.TryRead(text, Content, out var roots, out wrong);
        objects = isRead ? roots.Where(root => root.Name == "VCARD").Select(root => root.Raw) : [];
        fault = isRead ? "" : wrong!.ToString();
        return isRead;
    }

    /// <summary>Describes an object in a message for the user: its UID, or its name if it has none.</summary>
    public static string NameOf(ReadOnlyMemory<byte> text)
    {
        if (!ContentComponentParser.TryRead(text, Content, out var roots, out _) || roots.Count == 0) return "an unreadable entry";
        var entry = roots[0].Components.FirstOrDefault(static c => c.Name != "VTIMEZONE") ?? roots[0];
        if (entry.Line("UID") is { Value.IsEmpty: false } uid) return $"UID {uid.Text}";
        var name = (entry.Line("SUMMARY") ?? entry.Line("FN"))?.Text;
        return string.IsNullOrEmpty(name) ? "an entry without a UID" : $"the entry '{name}' without a UID";
    }
}
