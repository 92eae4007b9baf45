using System.Globalization;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Xml;

namespace MailServer.Protocol.Dav.Sharing;

/// <summary>Writes invitations and notices about shares as notifications (calendarserver.org, caldav-sharing §5.5).</summary>
public static class InvitationXml
{
    /// <summary>A pending invitation.</summary>
    public static void Write(CollectionMount mount, EmailAddress guest, string title, DavXmlWriter output)
    {
        Begin(mount.InvitedAt, output);
        WriteInvitation(mount.Target, mount.Invitation, guest, "<S:invite-noresponse/>", mount.Access, mount.OwnerAddress, mount.Summary.Length > 0 ? mount.Summary : title, output);
        Multistatus.End(output, "S:notification");
    }

    /// <summary>A notice in the notification collection of <paramref name="account"/>.</summary>
    public static void Write(SharingNotice notice, EmailAddress account, DavXmlWriter output)
    {
        Begin(notice.At, output);
        if (notice.Event == SharingEvent.Revoked)
        {
            var summary = notice.Summary.Length > 0 ? notice.Summary : notice.Target.Name;
            WriteInvitation(notice.Target, notice.Invitation, account, "<S:invite-deleted/>", notice.Access, notice.Other, summary, output);
        }
        else
        {
            output.Raw($"<S:invite-reply shared-type=\"{KindOf(notice.Target)}\">").Href($"mailto:{notice.Other}").Raw(notice.Event == SharingEvent.Accepted ? "<S:invite-accepted/>"u8 : "<S:invite-declined/>"u8)
                .Raw("<S:hosturl>"u8).Href(DavUrl.HrefOf(account, notice.Target, isCollection: true)).Raw("</S:hosturl><S:in-reply-to>"u8).Text(notice.Invitation).Raw("</S:in-reply-to>"u8);
            if (notice.Summary.Length > 0) output.Raw("<S:summary>"u8).Text(notice.Summary).Raw("</S:summary>"u8);
            output.Raw("</S:invite-reply>"u8);
        }

        Multistatus.End(output, "S:notification");
    }

    /// <summary>The value of <c>notificationtype</c> for a pending invitation.</summary>
    public static string TypeOf(CollectionMount mount) => InvitationType(mount.Target);

    /// <summary>The value of <c>notificationtype</c> for a notice.</summary>
    public static string TypeOf(SharingNotice notice) => notice.Event == SharingEvent.Revoked ? InvitationType(notice.Target) : $"<S:invite-reply shared-type=\"{KindOf(notice.Target)}\"/>";

    private static string InvitationType(CollectionPath target) => $"<S:invite-notification shared-type=\"{KindOf(target)}\"/>";

    private static string KindOf(CollectionPath target) => target.Space == CollectionSpace.Calendars ? "calendar" : "addressbook";

    private static void Begin(DateTimeOffset at, DavXmlWriter output)
    {
        Multistatus.Begin(output, "S:notification");
        output.Raw("<S:dtstamp>"u8).Raw(at.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)).Raw("</S:dtstamp>"u8);
    }

    private static void WriteInvitation(
        CollectionPath target, string invitation, EmailAddress guest, string state, CollectionAccess access, EmailAddress owner, string summary, DavXmlWriter output)
    {
        output.Raw($"<S:invite-notification shared-type=\"{KindOf(target)}\"><S:uid>{invitation}</S:uid>").Href($"mailto:{guest}").Raw(state);
        SharingProperties.WriteAccess(access, output);
        output.Raw("<S:hosturl>"u8).Href(DavUrl.HrefOf(owner, target, isCollection: true)).Raw("</S:hosturl><S:organizer>"u8).Href(DavUrl.PrincipalOf(owner))
            .Raw("<S:common-name>"u8).Text(owner.ToString()).Raw("</S:common-name></S:organizer><S:summary>"u8).Text(summary).Raw("</S:summary></S:invite-notification>"u8);
    }
}
