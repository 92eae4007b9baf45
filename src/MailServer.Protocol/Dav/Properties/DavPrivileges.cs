using System.Text;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Xml;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>Writes the supported privileges and those of the authenticated account (RFC 3744 §3, §5.3, §5.4).</summary>
internal static class DavPrivileges
{
    private static readonly string[] General =
    [
        Tree("D:read", "read", Tree("C:read-free-busy", "read free-busy times"), Tree("D:read-current-user-privilege-set", "read your own privileges")),
        Tree("D:write", "write",
            Tree("D:write-properties", "write properties"), Tree("D:write-content", "change content"),
            Tree("D:bind", "add to a collection"), Tree("D:unbind", "remove from a collection")),
        Tree("D:unlock", "remove locks of other users"), Tree("D:read-acl", "read the access control list"), Tree("D:write-acl", "share"),
    ];

    private static readonly byte[] Supported = All();

    /// <summary>RFC 6638 §6: the inbox and the outbox have the scheduling privileges too.</summary>
    private static readonly byte[] SupportedByInbox = All(Tree("C:schedule-deliver", "schedule with the owner",
        Tree("C:schedule-deliver-invite", "invite the owner"), Tree("C:schedule-deliver-reply", "answer invitations of the owner"), Tree("C:schedule-query-freebusy", "ask for free-busy times")));

    private static readonly byte[] SupportedByOutbox = All(Tree("C:schedule-send", "schedule on behalf of the owner",
        Tree("C:schedule-send-invite", "invite others"), Tree("C:schedule-send-reply", "answer invitations"), Tree("C:schedule-send-freebusy", "ask for the free-busy times of others")));

    private static readonly byte[] OfOwner = Set(
        "D:all", "D:read", "D:write", "D:write-properties", "D:write-content", "D:bind", "D:unbind", "D:unlock", "D:read-acl", "D:write-acl",
        "D:read-current-user-privilege-set", "C:read-free-busy");

    private static readonly byte[] OfWriter = Set(
        "D:read", "D:write", "D:write-properties", "D:write-content", "D:bind", "D:unbind", "D:unlock", "D:read-current-user-privilege-set", "C:read-free-busy");

    private static readonly byte[] OfReader = Set("D:read", "D:read-current-user-privilege-set", "C:read-free-busy");

    /// <summary>A reader may set properties of the collection, because the name and color of a shared collection are stored per reader.</summary>
    private static readonly byte[] OfReaderOfCollection = Set("D:read", "D:write-properties", "D:read-current-user-privilege-set", "C:read-free-busy");

    public static void WriteSupported(DavResource resource, DavXmlWriter output) => output.Raw(resource.Kind switch
    {
        DavResourceKind.ScheduleInbox => SupportedByInbox,
        DavResourceKind.ScheduleOutbox => SupportedByOutbox,
        _ => Supported,
    });

    public static void WriteCurrent(DavResource resource, DavXmlWriter output) => output.Raw(Of(resource)).Raw(SchedulingPrivileges.Of(resource.Kind));

    private static byte[] Of(DavResource resource) => resource switch
    {
        { Kind: DavResourceKind.Principal or DavResourceKind.Principals, Requester: not null } => OfReader,
        { Collection.IsGenerated: true } => OfReaderOfCollection,
        { Access: CollectionAccess.ReadWrite } => OfWriter,
        { Access: CollectionAccess.Read, Collection.Mount: not null } => OfReaderOfCollection,
        { Access: CollectionAccess.Read } => OfReader,
        _ => OfOwner,
    };

    private static byte[] Set(params string[] names) =>
        Encoding.UTF8.GetBytes(string.Concat(names.Select(name => $"<D:privilege><{name}/></D:privilege>")));

    private static byte[] All(params string[] more) => Encoding.UTF8.GetBytes(Tree("D:all", "everything", [.. General, .. more]));

    private static string Tree(string name, string description, params string[] below) =>
        $"<D:supported-privilege><D:privilege><{name}/></D:privilege><D:description xml:lang=\"en\">{description}</D:description>{string.Concat(below)}</D:supported-privilege>";
}
