using System.Xml.Linq;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Sharing;

/// <summary>The body that Apple clients POST to the home to answer an invitation (calendarserver.org, caldav-sharing §5.4).</summary>
/// <param name="Accepted">True if accepted, false if declined.</param>
/// <param name="HostUrl">The URL of the collection in the owner's home; empty if missing.</param>
/// <param name="Invitation">The id of the invitation; empty if missing.</param>
public sealed record InviteReply(bool Accepted, string HostUrl, string Invitation)
{
    public static readonly XName Root = CalendarServer + "invite-reply";

    public static InviteReply Parse(XElement root)
    {
        var accepted = root.Element(CalendarServer + "invite-accepted") is not null;
        if (!accepted && root.Element(CalendarServer + "invite-declined") is null) throw DavException.BadRequest("an invitation must be accepted or declined");
        return new InviteReply(
            accepted, root.Element(CalendarServer + "hosturl")?.Element(Href)?.Value.Trim() ?? "", root.Element(CalendarServer + "in-reply-to")?.Value.Trim() ?? "");
    }
}
