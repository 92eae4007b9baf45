using System.Xml.Linq;
using MailServer.Protocol.Contacts;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>Parses the address-data element of a report (RFC 6352 §10.4): the requested properties and vCard version.</summary>
public static class AddressDataXml
{
    public static AddressDataRequest Parse(XElement element)
    {
        VCardVersion? version = null;
        if (element.Attribute("version")?.Value is { } text)
            version = VCardVersions.TryRead(text, out var known) ? known : throw DavException.Forbidden(CardDav + "supported-address-data");
        if (element.Attribute("content-type") is { Value: not "text/vcard" }) throw DavException.Forbidden(CardDav + "supported-address-data");
        var properties = element.Elements(CardDav + "prop").Select(property => CalendarDataXml.Property(property, CardDav)).ToArray();
        return new AddressDataRequest { Properties = properties.Length == 0 ? null : properties, Version = version };
    }
}
