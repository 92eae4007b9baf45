using System.Xml.Linq;
using MailServer.Protocol.Dav.Properties;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>The body of PROPFIND (RFC 4918 §14.20). No body asks for everything.</summary>
public static class PropFindRequest
{
    public static PropertySelection Parse(XElement? root, bool minimal)
    {
        if (root is null) return PropertySelection.AllProp([]);
        if (root.Name != WebDav + "propfind") throw DavException.BadRequest("a PROPFIND asks with DAV:propfind");
        if (root.Element(Prop) is { } prop) return PropertySelection.Of(prop.Elements().Select(element => element.Name), minimal);
        if (root.Element(WebDav + "propname") is not null) return PropertySelection.PropName();
        if (root.Element(WebDav + "allprop") is null) throw DavException.BadRequest("a PROPFIND asks for prop, propname or allprop");
        return PropertySelection.AllProp(root.Element(WebDav + "include")?.Elements().Select(element => element.Name) ?? []);
    }
}
