using System.Text;
using System.Xml.Linq;

namespace MailServer.Protocol.Dav.Xml;

/// <summary>The tags of an element as octets, with a known prefix or a namespace declaration.</summary>
public sealed class XmlTag
{
    private XmlTag(XName name)
    {
        var prefix = DavNames.PrefixOf(name.Namespace);
        var tag = prefix is not null ? $"{prefix}:{name.LocalName}" : name.LocalName;
        var declaration = prefix is not null ? "" : $" xmlns=\"{Escape(name.NamespaceName)}\"";
        Open = Encoding.UTF8.GetBytes($"<{tag}{declaration}>");
        Close = Encoding.UTF8.GetBytes($"</{tag}>");
        Empty = Encoding.UTF8.GetBytes($"<{tag}{declaration}/>");
    }

    public ReadOnlyMemory<byte> Open { get; }

    public ReadOnlyMemory<byte> Close { get; }

    public ReadOnlyMemory<byte> Empty { get; }

    public static XmlTag Of(XName name) => new(name);

    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal);
}
