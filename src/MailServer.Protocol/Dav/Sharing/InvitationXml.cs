using System.Globalization;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Xml;

namespace MailServer.Protocol.Dav.Sharing;

/// <summary>Writes an invitation to a shared collection as a notification (calendarserver.org, caldav-sharing §5.5).</summary>
public static class InvitationXml
{
    public static void Write(CollectionMount mount, EmailAddress guest, string title, DavXmlWriter output)
    {
        Multistatus.Begin(output, "S:notification");
        output.Raw("<S:dtstamp>"u8).Raw(mount.InvitedAt.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)).Raw("</S:dtstamp>"u8);
        output.Raw($"<S:invite-notification shared-type=\"{KindOf(mount)}\"><S:uid>{mount.Invitation}</S:uid>").Href($"mailto:{guest}").Raw("<S:invite-noresponse/>"u8);
        SharingProperties.WriteAccess(mount.Access, output);
        output.Raw("<S:hosturl>"u8).Href(SharingProperties.OwnerUrlOf(mount)).Raw("</S:hosturl><S:organizer>"u8).Href(DavUrl.PrincipalOf(mount.OwnerAddress))
            .Raw("<S:common-name>"u8).Text(mount.OwnerAddress.ToString()).Raw("</S:common-name></S:organizer><S:summary>"u8)
            .Text(mount.Summary.Length > 0 ? mount.Summary : title).Raw("</S:summary></S:invite-notification>"u8);
        Multistatus.End(output, "S:notification");
    }

    public static string KindOf(CollectionMount mount) => mount.Target.Space == CollectionSpace.Calendars ? "calendar" : "addressbook";
}
