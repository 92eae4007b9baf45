using System.Xml.Linq;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Dav.Xml;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Reports;

/// <summary>Selects the properties of a report, including the content element (RFC 4791 §9.6, RFC 6352 §10.4).</summary>
internal static class ContentPropertySelector
{
    /// <param name="collection">A calendar or an address book.</param>
    /// <param name="report">The body of the report.</param>
    /// <param name="minimal">True to omit missing properties from the response.</param>
    public static PropertySelection Select(DavResource collection, XElement report, bool minimal)
    {
        if (RequestedProperties.Unnamed(report) is { } unnamed) return unnamed;
        var properties = RequestedProperties.Named(report);
        var name = NameOf(collection.Kind);
        Check(properties.FirstOrDefault(property => property.Name == name));
        var tag = XmlTag.Of(name);
        return PropertySelection.Of(properties.Select(property => property.Name), minimal, name, (resource, output) =>
        {
            output.Raw(tag.Open.Span).Text(resource.Entry!.Body.Span).Raw(tag.Close.Span);
            return true;
        });
    }

    public static XName NameOf(DavResourceKind kind) => kind is DavResourceKind.Calendar or DavResourceKind.ScheduleInbox or DavResourceKind.Home ? CalendarDataName : AddressData;

    /// <summary>Refuses an unsupported form before the response begins.</summary>
    private static void Check(XElement? wanted)
    {
        if (wanted is null) return;
        if (wanted.Name == CalendarDataName) CalendarDataXml.Parse(wanted);
        else AddressDataXml.Parse(wanted);
    }
}
