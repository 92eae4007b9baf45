using System.Xml.Linq;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Sharing;

/// <summary>What Apple's programs POST to their home when an invitation is answered (calendarserver.org, caldav-sharing §5.4).</summary>
/// <param name="Accepted">Or declined.</param>
/// <param name="HostUrl">The calendar at its owner's; empty when not said.</param>
/// <param name="Invitation">The invitation that is answered; empty when not said.</param>
public sealed record InviteReply(bool Accepted, string HostUrl, string Invitation)
{
    public static readonly XName Root = CalendarServer + "invite-reply";

    public static InviteReply Parse(XElement root)
    {
        var accepted = root.Element(CalendarServer + "invite-accepted") is not null;
        if (!accepted && root.Element(CalendarServer + "invite-declined") is null) throw DavException.BadRequest("an invitation is accepted or declined");
        return new InviteReply(
            accepted, root.Element(CalendarServer + "hosturl")?.Element(Href)?.Value.Trim() ?? "", root.Element(CalendarServer + "in-reply-to")?.Value.Trim() ?? "");
    }
}
