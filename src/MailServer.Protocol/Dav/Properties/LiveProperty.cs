using System.Xml.Linq;
using MailServer.Protocol.Dav.Xml;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>A live property: the server defines its value and semantics.</summary>
/// <param name="Name">The name of its element.</param>
/// <param name="Applies">Tests whether a resource has the property.</param>
/// <param name="Write">Writes the content of the element.</param>
public sealed record LiveProperty(XName Name, Func<DavResource, bool> Applies, Action<DavResource, DavXmlWriter> Write)
{
    /// <summary>True if allprop returns it: only the properties of RFC 4918 itself (§9.1).</summary>
    public bool InAllProp { get; init; }

    /// <summary>True if clients may set it. A stored value then replaces the computed one.</summary>
    public bool IsSettable { get; init; }
}
