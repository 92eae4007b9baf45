using System.Buffers;
using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Reports;
using MailServer.Protocol.Contacts;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Dav.Xml;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Reports;

/// <summary>Selects the properties of a report, including the content element (RFC 4791 §9.6, RFC 6352 §10.4).</summary>
internal static class ContentPropertySelector
{
    /// <param name="collection">A calendar or an address book.</param>
    /// <param name="properties">The elements in the <c>prop</c> of the report.</param>
    /// <param name="floating">The time zone of floating times.</param>
    /// <param name="request">The request, for the preferences of the client.</param>
    public static PropertySelection Select(DavResource collection, IReadOnlyList<XElement> properties, CalendarTimeZone floating, DavRequest request)
    {
        var name = NameOf(collection.Kind);
        var convert = properties.FirstOrDefault(property => property.Name == name) is { } element ? Converter(collection.Kind, element, floating) : null;
        if (collection.Kind == DavResourceKind.Calendar && (request.OmitsTimeZones || request.RequiresTimeZones))
        {
            var inner = convert;
            Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> zones = request.OmitsTimeZones ? StandardTimeZones.RemoveDefinitions : StandardTimeZones.AddDefinitions;
            convert = entry => zones(inner is null ? entry.Body : inner(entry));
        }

        var tag = XmlTag.Of(name);
        return PropertySelection.Of(properties.Select(property => property.Name), request.PrefersMinimal, name, (resource, output) =>
        {
            output.Raw(tag.Open.Span);
            if (convert is null) output.Text(resource.Entry!.Body.Span);
            else output.Text(convert(resource.Entry!).Span);
            output.Raw(tag.Close.Span);
            return true;
        });
    }

    public static XName NameOf(DavResourceKind kind) => kind is DavResourceKind.Calendar or DavResourceKind.ScheduleInbox ? CalendarDataName : AddressData;

    /// <summary>Converts a resource to the requested form; null if the stored octets are returned.</summary>
    private static Func<ResourceEntry, ReadOnlyMemory<byte>>? Converter(DavResourceKind kind, XElement element, CalendarTimeZone floating)
    {
        if (kind is DavResourceKind.Calendar or DavResourceKind.ScheduleInbox)
        {
            var data = CalendarDataXml.Parse(element);
            return data.IsWhole ? null : entry => Convert(entry, data, floating);
        }

        var contact = AddressDataXml.Parse(element);
        return contact is { Properties: null, Version: null } ? null : entry => Convert(entry, contact);
    }

    private static ReadOnlyMemory<byte> Convert(ResourceEntry entry, CalendarDataRequest data, CalendarTimeZone floating)
    {
        if (!CalendarObject.TryParse(entry.Body, CalendarLimits.Default, out var calendar, out _)) return entry.Body;
        var output = new ArrayBufferWriter<byte>(entry.Body.Length + 256);
        data.Write(calendar, floating, output);
        return output.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Convert(ResourceEntry entry, AddressDataRequest data)
    {
        if (!ContactCard.TryParse(entry.Body, ContactLimits.Default, out var card, out _)) return entry.Body;
        var output = new ArrayBufferWriter<byte>(entry.Body.Length + 256);
        data.Write(card, output);
        return output.WrittenMemory;
    }
}
