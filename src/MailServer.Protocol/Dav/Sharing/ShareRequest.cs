using System.Xml.Linq;
using MailServer.Domain.Collections;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Sharing;

/// <summary>The body that Apple clients POST to a calendar to share it (calendarserver.org, caldav-sharing §5.3).</summary>
/// <param name="Invited">The invited users with their access and a message to them.</param>
/// <param name="Removed">The users whose access is removed.</param>
public sealed record ShareRequest(IReadOnlyList<(string Href, CollectionAccess Access, string Summary)> Invited, IReadOnlyList<string> Removed)
{
    private const int MaxSummary = 1_000;

    /// <summary>The second form also lets the guest invite others to events, which every writer may do here.</summary>
    private static readonly XName[] Writing = [CalendarServer + "read-write", CalendarServer + "read-write-schedule"];

    public static readonly XName Root = CalendarServer + "share";

    public static ShareRequest Parse(XElement root) => new(
        [.. root.Elements(CalendarServer + "set").Select(Invitation)],
        [.. root.Elements(CalendarServer + "remove").Elements(Href).Select(href => href.Value.Trim())]);

    private static (string, CollectionAccess, string) Invitation(XElement set)
    {
        if (set.Element(Href)?.Value.Trim() is not { Length: > 0 } href) throw DavException.BadRequest("an invitation needs a user");
        var summary = set.Element(CalendarServer + "summary")?.Value ?? "";
        if (summary.Length > MaxSummary) throw DavException.BadRequest("the summary is too long");
        return (href, Writing.Any(access => set.Element(access) is not null) ? CollectionAccess.ReadWrite : CollectionAccess.Read, summary);
    }
}
