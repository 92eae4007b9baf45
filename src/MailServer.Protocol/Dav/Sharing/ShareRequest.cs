using System.Xml.Linq;
using MailServer.Domain.Collections;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Sharing;

/// <summary>What Apple's programs POST to a calendar to share it (calendarserver.org, caldav-sharing §5.3).</summary>
/// <param name="Invited">Who is to have access, which, and a word to them.</param>
/// <param name="Removed">Who is to have it no longer.</param>
public sealed record ShareRequest(IReadOnlyList<(string Href, CollectionAccess Access, string Summary)> Invited, IReadOnlyList<string> Removed)
{
    private const int MaxSummary = 1_000;

    public static readonly XName Root = CalendarServer + "share";

    public static ShareRequest Parse(XElement root) => new(
        [.. root.Elements(CalendarServer + "set").Select(Invitation)],
        [.. root.Elements(CalendarServer + "remove").Elements(Href).Select(href => href.Value.Trim())]);

    private static (string, CollectionAccess, string) Invitation(XElement set)
    {
        if (set.Element(Href)?.Value.Trim() is not { Length: > 0 } href) throw DavException.BadRequest("an invitation names someone");
        var summary = set.Element(CalendarServer + "summary")?.Value ?? "";
        if (summary.Length > MaxSummary) throw DavException.BadRequest("the summary is too long");
        return (href, set.Element(CalendarServer + "read-write") is null ? CollectionAccess.Read : CollectionAccess.ReadWrite, summary);
    }
}
