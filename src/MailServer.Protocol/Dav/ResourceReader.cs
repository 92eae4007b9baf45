using System.Security.Cryptography;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Contacts;
using MailServer.Protocol.Dav.Properties;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav;

/// <summary>Reads what a client wants to store: is it what the collection holds, and what will the index keep of it?</summary>
public static class ResourceReader
{
    public static NewResource Read(CollectionSpace space, ReadOnlyMemory<byte> body, string? contentType) => space switch
    {
        CollectionSpace.Calendars => ReadCalendar(body),
        CollectionSpace.AddressBooks => ReadContact(body),
        _ => new NewResource { Body = body, ETag = TagOf(body), ContentType = contentType ?? "application/octet-stream" },
    };

    private static NewResource ReadCalendar(ReadOnlyMemory<byte> body)
    {
        if (!CalendarObject.TryParse(body, CalendarLimits.Default, out var calendar, out var fault))
            throw new DavException(403, fault.Reason, CalDav + fault.Element);
        var component = ComponentNames.Parse(calendar.Component);
        if (component == CalendarComponents.None) throw DavException.Forbidden(CalDav + "supported-calendar-component");
        return new NewResource
        {
            Body = body,
            ETag = TagOf(body),
            ContentType = "text/calendar; charset=utf-8",
            Uid = calendar.Uid,
            Component = component,
            First = calendar.FirstUtc.ToUnixTimeSeconds(),
            Last = calendar.LastUtc is { } last ? last.ToUnixTimeSeconds() + 1 : long.MaxValue,
            Instances = calendar.KnownInstances is { } known ? InstanceTimes.Pack(known) : default,
        };
    }

    private static NewResource ReadContact(ReadOnlyMemory<byte> body)
    {
        if (!ContactCard.TryParse(body, ContactLimits.Default, out var card, out var fault))
            throw new DavException(403, fault.Reason, CardDav + fault.Element);
        return new NewResource { Body = body, ETag = TagOf(body), ContentType = "text/vcard; charset=utf-8", Uid = card.Uid };
    }

    /// <summary>The same octets have the same tag, whoever writes them and when.</summary>
    private static string TagOf(ReadOnlyMemory<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body.Span).AsSpan(0, 16));
}
