using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav;

/// <summary>Maps refusals of the collections to HTTP statuses and preconditions.</summary>
internal static class DavErrorMapper
{
    public static DavException ToException(CollectionReply.Refused refused, EmailAddress owner, CollectionPath requestPath)
    {
        var href = refused.Path is { } path ? DavUrl.HrefOf(owner, path, isCollection: false) : null;
        return refused.Reason switch
        {
            CollectionRefusal.NotFound => DavException.NotFound(),
            CollectionRefusal.ParentMissing => new DavException(409, "the parent collection does not exist"),
            CollectionRefusal.Exists => DavException.MethodNotAllowed("the resource already exists"),
            CollectionRefusal.IsCollection => DavException.MethodNotAllowed("the target is a collection"),
            CollectionRefusal.PreconditionFailed => new DavException(412, "a precondition failed"),
            CollectionRefusal.UidConflict => new DavException(403, "another resource has the same UID", requestPath.Space == CollectionSpace.Calendars ? CalDav + "no-uid-conflict" : CardDav + "no-uid-conflict", href),
            CollectionRefusal.ComponentNotSupported => DavException.Forbidden(CalDav + "supported-calendar-component"),
            CollectionRefusal.WrongPlace => WrongPlace(requestPath.Space),
            CollectionRefusal.Locked => new DavException(423, "the resource is locked", WebDav + "lock-token-submitted", href),
            CollectionRefusal.LockConflict => new DavException(423, "the resource is locked", WebDav + "no-conflicting-lock", href),
            CollectionRefusal.LockUnknown => new DavException(409, "the lock does not exist", WebDav + "lock-token-matches-request-uri"),
            CollectionRefusal.SyncTokenInvalid => DavException.Forbidden(WebDav + "valid-sync-token"),
            CollectionRefusal.ScheduledElsewhere => new DavException(403, "another resource of the account already represents this meeting", CalDav + "unique-scheduling-object-resource", href),
            CollectionRefusal.OrganizersDiffer => DavException.Forbidden(CalDav + "same-organizer-in-all-components"),
            CollectionRefusal.OrganizerChangeNotAllowed => DavException.Forbidden(CalDav + "allowed-organizer-scheduling-object-change"),
            CollectionRefusal.AttendeeChangeNotAllowed => DavException.Forbidden(CalDav + "allowed-attendee-scheduling-object-change"),
            CollectionRefusal.ManagedIdUnknown => DavException.Forbidden(CalDav + "valid-managed-id-parameter"),
            CollectionRefusal.QuotaExceeded => new DavException(507, "the quota is exceeded", WebDav + "quota-not-exceeded"),
            CollectionRefusal.Denied => DavException.Denied(),
            CollectionRefusal.TooMany => new DavException(507, "the limit on the number of resources is reached"),
            _ => new DavException(503, "try again later"),
        };
    }

    private static DavException WrongPlace(CollectionSpace space) => space switch
    {
        CollectionSpace.Calendars => DavException.Forbidden(CalDav + "calendar-collection-location-ok"),
        CollectionSpace.AddressBooks => DavException.Forbidden(CardDav + "addressbook-collection-location-ok"),
        _ => new DavException(403, "a collection of this kind cannot be created there"),
    };
}
