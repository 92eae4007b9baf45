using System.Xml.Linq;
using MailServer.Protocol.ContentLines;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>Parses the filter elements that CalDAV and CardDAV share (RFC 4791 §9.7, RFC 6352 §10.5).</summary>
internal static class FilterXml
{
    public static string NameOf(XElement element, XNamespace space) =>
        element.Attribute("name")?.Value is { Length: > 0 } name ? name : throw DavException.Forbidden(space + "valid-filter");

    public static ParameterFilter Parameter(XElement element, XNamespace space) => new()
    {
        Name = NameOf(element, space),
        IsNotDefined = element.Element(space + "is-not-defined") is not null,
        TextMatch = element.Element(space + "text-match") is { } match ? TextMatch(match, space) : null,
    };

    public static TextMatch TextMatch(XElement element, XNamespace space)
    {
        // "default" is the collation of the protocol (RFC 4791 §7.5, RFC 6352 §8.3).
        var collation = element.Attribute("collation")?.Value is { } named && named != "default" ? named : space == CalDav ? "i;ascii-casemap" : "i;unicode-casemap";
        if (!Collations.TryFind(collation, out var known)) throw DavException.Forbidden(space + "supported-collation");
        var type = element.Attribute("match-type")?.Value switch
        {
            "equals" => TextMatchType.Equals,
            "starts-with" => TextMatchType.StartsWith,
            "ends-with" => TextMatchType.EndsWith,
            null or "contains" => TextMatchType.Contains,
            _ => throw DavException.Forbidden(space + "valid-filter"),
        };
        return new TextMatch(element.Value, known, type, element.Attribute("negate-condition")?.Value == "yes");
    }
}
