using System.Xml.Linq;
using MailServer.Domain.Collections;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Sharing;

/// <summary>Parses the body of ACL (RFC 3744 §8.1): the complete list of principals with read or read-write access. All others lose their access.</summary>
public static class AclRequest
{
    private static readonly XName[] Reading = [WebDav + "read", WebDav + "read-current-user-privilege-set", CalDav + "read-free-busy", WebDav + "read-acl"];
    private static readonly XName[] Writing =
        [WebDav + "all", WebDav + "write", WebDav + "write-content", WebDav + "write-properties", WebDav + "bind", WebDav + "unbind", WebDav + "unlock"];

    /// <summary>The URLs of the principals with their access.</summary>
    public static IReadOnlyList<(string Principal, CollectionAccess Access)> Parse(XElement root)
    {
        if (root.Name != WebDav + "acl") throw DavException.BadRequest("the body of ACL must be DAV:acl");
        return [.. root.Elements(WebDav + "ace").Where(ace => ace.Element(WebDav + "protected") is null).Select(Entry)];
    }

    private static (string, CollectionAccess) Entry(XElement ace)
    {
        if (ace.Element(WebDav + "invert") is not null) throw DavException.Forbidden(WebDav + "no-invert");
        if (ace.Element(WebDav + "deny") is not null) throw DavException.Forbidden(WebDav + "grant-only");
        var principal = ace.Element(WebDav + "principal") ?? throw DavException.BadRequest("an entry needs a principal");
        if (principal.Element(Href)?.Value.Trim() is not { Length: > 0 } href) throw DavException.Forbidden(WebDav + "allowed-principal");
        var privileges = ace.Elements(WebDav + "grant").Elements(WebDav + "privilege").Elements().Select(privilege => privilege.Name).ToArray();
        if (privileges.Length == 0) throw DavException.BadRequest("an entry must grant at least one privilege");
        if (privileges.Any(name => !Reading.Contains(name) && !Writing.Contains(name))) throw DavException.Forbidden(WebDav + "not-supported-privilege");
        return (href, privileges.Any(Writing.Contains) ? CollectionAccess.ReadWrite : CollectionAccess.Read);
    }
}
