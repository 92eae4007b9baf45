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
        if (!RequestedProperties.AreIn(root)) throw DavException.BadRequest("PROPFIND needs prop, propname or allprop");
        return RequestedProperties.Unnamed(root) ?? PropertySelection.Of(RequestedProperties.Named(root).Select(element => element.Name), minimal);
    }
}
