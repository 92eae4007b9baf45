using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Xml;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>Properties of access control lists (RFC 3744 §5) and of the calendarserver.org sharing protocol, which Apple clients use.</summary>
public static class SharingProperties
{
    internal static IReadOnlyList<LiveProperty> All { get; } =
    [
        new(WebDav + "supported-privilege-set", r => r.Kind != DavResourceKind.EntryPoint, DavPrivileges.WriteSupported),
        new(WebDav + "current-user-privilege-set", r => r.Kind != DavResourceKind.EntryPoint, DavPrivileges.WriteCurrent),
        new(WebDav + "acl", r => r.IsStored && r.Access == CollectionAccess.Owner, WriteAcl),
        new(WebDav + "acl-restrictions", r => r.IsStored, (_, o) => o.Raw("<D:grant-only/><D:no-invert/>"u8)),
        new(WebDav + "inherited-acl-set", r => r.IsStored, (_, _) => { }),
        new(CalendarServer + "allowed-sharing-modes", IsOwn, WriteModes),
        new(CalendarServer + "invite", r => IsOwn(r) || r.Collection?.Mount is not null, WriteInvite),
        new(CalendarServer + "shared-url", r => r.Collection?.Mount is not null, (r, o) => o.Href(OwnerUrlOf(r.Collection!.Mount!))),
        new(CalendarServer + "publish-url", r => IsOwn(r) && r.Collection!.LinkSecrets.Count > 0, (r, o) => o.Href(SecretLinkOf(r.Collection!.LinkSecrets[^1]))),
        new(CalendarServer + "notification-URL", r => r.Kind is DavResourceKind.Principal or DavResourceKind.EntryPoint, (r, o) => o.Href(DavUrl.NotificationsOf(r.Owner))),
        new(CalendarServer + "notificationtype", r => r.Kind == DavResourceKind.Notification, (r, o) => o.Raw(r.NotificationType!)),
    ];

    public static string OwnerUrlOf(CollectionMount mount) => DavUrl.HrefOf(mount.OwnerAddress, mount.Target, isCollection: true);

    /// <summary>The path of a secret link.</summary>
    public static string SecretLinkOf(string secret) => $"{DavUrl.SecretLinksRoot}{secret}.ics";

    /// <summary>Writes the additional resource types of shared collections (calendarserver.org, caldav-sharing §5.2).</summary>
    public static void WriteTypes(DavResource resource, DavXmlWriter output)
    {
        if (resource.Collection?.Mount is not null) output.Raw("<S:shared/>"u8);
        else if (resource.Access == CollectionAccess.Owner && resource.Collection?.Grants.Count > 0) output.Raw("<S:shared-owner/>"u8);
    }

    private static bool IsOwn(DavResource resource) =>
        resource is { Kind: DavResourceKind.Calendar or DavResourceKind.AddressBook, Access: CollectionAccess.Owner, Collection: { IsGenerated: false } };

    private static void WriteModes(DavResource resource, DavXmlWriter output)
    {
        output.Raw("<S:can-be-shared/>"u8);
        if (resource.Kind == DavResourceKind.Calendar) output.Raw("<S:can-be-published/>"u8);
    }

    private static void WriteAcl(DavResource resource, DavXmlWriter output)
    {
        output.Raw("<D:ace><D:principal>"u8).Href(DavUrl.PrincipalOf(resource.Owner))
            .Raw("</D:principal><D:grant><D:privilege><D:all/></D:privilege></D:grant><D:protected/></D:ace>"u8);
        foreach (var grant in resource.Collection?.Grants.Where(grant => !grant.Declined) ?? [])
        {
            output.Raw("<D:ace><D:principal>"u8).Href(DavUrl.PrincipalOf(grant.Address)).Raw("</D:principal><D:grant><D:privilege><D:read/></D:privilege>"u8);
            if (grant.Access == CollectionAccess.ReadWrite) output.Raw("<D:privilege><D:write/></D:privilege>"u8);
            output.Raw("</D:grant></D:ace>"u8);
        }
    }

    private static void WriteInvite(DavResource resource, DavXmlWriter output)
    {
        if (resource.SharedBy is { } owner)
        {
            output.Raw("<S:organizer>"u8).Href(DavUrl.PrincipalOf(owner)).Raw("<S:common-name>"u8).Text(owner.ToString()).Raw("</S:common-name></S:organizer>"u8);
        }

        foreach (var grant in resource.Collection!.Grants)
        {
            output.Raw("<S:user>"u8).Href($"mailto:{grant.Address}").Raw("<S:common-name>"u8).Text(grant.Address.ToString()).Raw("</S:common-name>"u8)
                .Raw(grant.Declined ? "<S:invite-declined/>"u8 : resource.Unanswered.Contains(grant) ? "<S:invite-noresponse/>"u8 : "<S:invite-accepted/>"u8);
            WriteAccess(grant.Access, output);
            if (grant.Summary.Length > 0) output.Raw("<S:summary>"u8).Text(grant.Summary).Raw("</S:summary>"u8);
            output.Raw("</S:user>"u8);
        }
    }

    internal static void WriteAccess(CollectionAccess access, DavXmlWriter output) =>
        output.Raw("<S:access>"u8).Raw(access == CollectionAccess.ReadWrite ? "<S:read-write/>"u8 : "<S:read/>"u8).Raw("</S:access>"u8);
}
