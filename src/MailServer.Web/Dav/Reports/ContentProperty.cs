using System.Xml.Linq;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Xml;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Reports;

/// <summary>The properties of a report in which a resource's content may be asked for (RFC 4791 §9.6, RFC 6352 §10.4).</summary>
internal static class ContentProperty
{
    /// <param name="kind">The collection: a calendar or an address book.</param>
    /// <param name="properties">The elements in the report's prop.</param>
    /// <param name="minimal">See <see cref="PropertySelection.Minimal"/>.</param>
    public static PropertySelection Select(DavKind kind, IReadOnlyList<XElement> properties, bool minimal)
    {
        var name = NameOf(kind);
        var tag = XmlTag.Of(name);
        return PropertySelection.Of(properties.Select(property => property.Name), minimal, name, (resource, output) =>
        {
            output.Raw(tag.Open.Span).Text(resource.Entry!.Body.Span).Raw(tag.Close.Span);
            return true;
        });
    }

    public static XName NameOf(DavKind kind) => kind == DavKind.Calendar ? CalendarData : AddressData;
}
