using System.Xml.Linq;
using MailServer.Protocol.Dav.Xml;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>A property that the server knows the meaning of.</summary>
/// <param name="Name">Its element.</param>
/// <param name="Applies">Which resources have it.</param>
/// <param name="Write">Writes what is in the element.</param>
public sealed record LiveProperty(XName Name, Func<DavResource, bool> Applies, Action<DavResource, XmlOut> Write)
{
    /// <summary>Sent for allprop: the properties of RFC 4918 itself (§9.1).</summary>
    public bool InAllProp { get; init; }

    /// <summary>May be set by clients; what they set is kept and takes its place.</summary>
    public bool IsSettable { get; init; }
}
