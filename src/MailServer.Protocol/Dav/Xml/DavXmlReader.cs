using System.Xml;
using System.Xml.Linq;
using MailServer.Domain;

namespace MailServer.Protocol.Dav.Xml;

/// <summary>Parses the XML body of a request: no DTD, no entities, no external resources, limited depth. The caller limits the size of the body.</summary>
public static class DavXmlReader
{
    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        CloseInput = true,
        MaxCharactersFromEntities = 1024,
    };

    /// <summary>Returns the root element. Throws <see cref="DavException"/> (400) if the XML is not well-formed.</summary>
    public static XElement Read(ReadOnlyMemory<byte> body, Limits limits)
    {
        try
        {
            using var stream = new MemoryStream(body.ToArray(), writable: false);
            using var reader = XmlReader.Create(stream, Settings);
            return Load(reader, limits.DavXmlDepth);
        }
        catch (XmlException e)
        {
            throw DavException.BadRequest($"malformed XML at line {e.LineNumber}");
        }
    }

    private static XElement Load(XmlReader reader, int maxDepth)
    {
        XElement? root = null, current = null;
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    if (reader.Depth >= maxDepth) throw DavException.BadRequest("XML is nested too deeply");
                    var element = ReadStart(reader, out var isEmpty);
                    if (current is null) root = element;
                    else current.Add(element);
                    if (!isEmpty) current = element;
                    break;
                case XmlNodeType.EndElement:
                    current = current!.Parent;
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace:
                    current?.Add(new XText(reader.Value));
                    break;
            }
        }

        return root ?? throw DavException.BadRequest("the XML document is empty");
    }

    private static XElement ReadStart(XmlReader reader, out bool isEmpty)
    {
        isEmpty = reader.IsEmptyElement;
        // RFC 4918 §17: a prefix must not be bound to the empty namespace.
        var element = new XElement(XName.Get(reader.LocalName, reader.NamespaceURI));
        for (var more = reader.MoveToFirstAttribute(); more; more = reader.MoveToNextAttribute())
        {
            if (reader is { Prefix: "xmlns", Value: "" }) throw DavException.BadRequest("a prefix is bound to the empty namespace");
            element.Add(new XAttribute(XName.Get(reader.LocalName, reader.Prefix.Length == 0 && reader.LocalName == "xmlns" ? "" : reader.NamespaceURI), reader.Value));
        }

        reader.MoveToElement();
        return element;
    }
}
