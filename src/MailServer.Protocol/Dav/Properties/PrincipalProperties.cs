using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Xml;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>Properties of principals and their homes: RFC 5397, RFC 3744 §4 and §5.1, RFC 4791 §6.2, RFC 6352 §7.1.</summary>
internal static class PrincipalProperties
{
    public static IReadOnlyList<LiveProperty> All { get; } =
    [
        new(WebDav + "current-user-principal", _ => true, (r, o) => o.Href(DavUrl.PrincipalOf(r.Requester ?? r.Owner))),
        new(WebDav + "owner", r => r.IsStored || r.Kind == DavResourceKind.Principal, (r, o) => o.Href(DavUrl.PrincipalOf(r.SharedBy ?? r.Owner))),
        new(WebDav + "principal-URL", r => r.Kind is DavResourceKind.Principal or DavResourceKind.EntryPoint, WritePrincipal),
        new(WebDav + "principal-collection-set", _ => true, (_, o) => o.Href(DavUrl.PrincipalsHref)),
        new(WebDav + "alternate-URI-set", IsPrincipal, (_, _) => { }),
        new(WebDav + "group-member-set", IsPrincipal, (_, _) => { }),
        new(WebDav + "group-membership", IsPrincipal, (_, _) => { }),
        new(CalDav + "calendar-home-set", HasHomes, (r, o) => o.Href(DavUrl.HomeOf(r.Owner, CollectionSpace.Calendars))),
        new(CardDav + "addressbook-home-set", HasHomes, (r, o) => o.Href(DavUrl.HomeOf(r.Owner, CollectionSpace.AddressBooks))),
        new(CalendarServer + "email-address-set", IsPrincipal, WriteEmailAddress),
    ];

    private static bool IsPrincipal(DavResource resource) => resource.Kind == DavResourceKind.Principal;

    private static bool HasHomes(DavResource resource) => resource.Kind is DavResourceKind.Principal or DavResourceKind.EntryPoint;

    private static void WritePrincipal(DavResource resource, DavXmlWriter output) => output.Href(DavUrl.PrincipalOf(resource.Owner));

    private static void WriteEmailAddress(DavResource resource, DavXmlWriter output) =>
        output.Raw("<S:email-address>"u8).Text(resource.Owner.ToString()).Raw("</S:email-address>"u8);
}
