using System.Xml.Linq;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>A property of an expand-property report (RFC 3253 §3.8), with the requested properties of the resources that it refers to.</summary>
public sealed record ExpandPropertyRequest(XName Name, IReadOnlyList<ExpandPropertyRequest> Nested)
{
    public static IReadOnlyList<ExpandPropertyRequest> Parse(XElement parent) => [.. parent.Elements(WebDav + "property").Select(One)];

    private static ExpandPropertyRequest One(XElement property)
    {
        if (property.Attribute("name")?.Value is not { Length: > 0 } name) throw DavException.BadRequest("a property needs a name");
        try
        {
            return new ExpandPropertyRequest(XName.Get(name, property.Attribute("namespace")?.Value ?? WebDav.NamespaceName), Parse(property));
        }
        catch (System.Xml.XmlException)
        {
            throw DavException.BadRequest("the name of a property is malformed");
        }
    }
}
