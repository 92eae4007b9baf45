using System.Xml.Linq;
using MailServer.Domain;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>The instructions of PROPPATCH, MKCOL and MKCALENDAR in their order (RFC 4918 §14.19, RFC 5689 §5.1): a value of null removes.</summary>
public static class PropertyUpdate
{
    public static List<(XName Name, XElement? Value)> Parse(XElement root)
    {
        var updates = new List<(XName, XElement?)>();
        foreach (var instruction in root.Elements())
        {
            var sets = instruction.Name == WebDav + "set";
            if (!sets && instruction.Name != WebDav + "remove") continue;
            foreach (var property in instruction.Elements(Prop).Elements()) updates.Add((property.Name, sets ? property : null));
        }

        return updates;
    }

    /// <summary>A property as it is kept: XML that stands by itself, with the language that was in force (RFC 4918 §4.3).</summary>
    public static string ToStored(XElement value, Limits limits)
    {
        var copy = new XElement(value);
        var language = value.AncestorsAndSelf().Select(element => element.Attribute(XNamespace.Xml + "lang")).FirstOrDefault(found => found is not null);
        if (language is not null) copy.SetAttributeValue(language.Name, language.Value);
        var text = copy.ToString(SaveOptions.DisableFormatting);
        return text.Length <= limits.DavProperty ? text : throw new DavException(507, "the property is too large");
    }
}
