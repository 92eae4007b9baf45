using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Dav.Import;

/// <summary>
/// Reads files that other programs exported, and takes from them what can be taken: entries without a UID get one, vCard 2.1 becomes 3.0, text in other
/// charsets becomes UTF-8. A malformed entry is reported and does not affect the others.
/// </summary>
public static class ImportFile
{
    /// <summary>Limits on one entry. Files are not limited here: only one entry is parsed at a time.</summary>
    internal static ContentLineLimits Limits { get; } = new() { MaxText = 64 * 1024 * 1024, MaxLine = 64 * 1024 * 1024, MaxLines = 1_000_000 };

    /// <summary>The entries of a file; none if it contains neither calendars nor contacts. They are read while the result is enumerated.</summary>
    public static IEnumerable<ImportEntry> Read(ReadOnlyMemory<byte> file)
    {
        var text = WithLineFeeds(ReceivedText.ToUtf8IfMarked(file));
        return ImportSlice.IsOfContacts(text) ? new ContactFileReader(text).Read() : new CalendarFileReader(text).Read();
    }

    /// <summary>Files of some programs end lines with CR alone.</summary>
    private static ReadOnlyMemory<byte> WithLineFeeds(ReadOnlyMemory<byte> text)
    {
        if (text.Span.Contains((byte)'\n') || !text.Span.Contains((byte)'\r')) return text;
        var changed = text.ToArray();
        changed.AsSpan().Replace((byte)'\r', (byte)'\n');
        return changed;
    }
}
