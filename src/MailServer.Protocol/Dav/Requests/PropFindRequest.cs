using System.Xml.Linq;
using MailServer.Protocol.Dav.Properties;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>Parses the body of PROPFIND (RFC 4918 §14.20). An empty body means allprop.</summary>
public static class PropFindRequest
{
    public static PropertySelection Parse(XElement? root, bool minimal)
    {
        if (root is null) return PropertySelection.AllProp([]);
        if (root.Name != WebDav + "propfind") throw DavException.BadRequest("the body of PROPFIND must be DAV:propfind");
        if (root.Element(Prop) is { } prop) return PropertySelection.Of(prop.Elements().Select(element => element.Name), minimal);
        if (root.Element(WebDav + "propname") is not null) return PropertySelection.PropName();
        if (root.Element(WebDav + "allprop") is null) throw DavException.BadRequest("PROPFIND needs prop, propname or allprop");
        return PropertySelection.AllProp(root.Element(WebDav + "include")?.Elements().Select(element => element.Name) ?? []);
    }
}
