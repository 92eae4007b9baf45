using System.Xml.Linq;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>The body of calendar-multiget and addressbook-multiget (RFC 4791 §7.9, RFC 6352 §8.7).</summary>
/// <param name="Properties">The requested properties of each resource.</param>
/// <param name="Hrefs">The URLs of the resources, as the client wrote them.</param>
public sealed record MultigetRequest(IReadOnlyList<XElement> Properties, IReadOnlyList<string> Hrefs)
{
    public static MultigetRequest Parse(XElement root) =>
        new(RequestedProperties.Named(root), [.. root.Elements(Href).Select(element => element.Value.Trim())]);
}
