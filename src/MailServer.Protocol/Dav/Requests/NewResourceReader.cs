using System.Buffers;
using System.Security.Cryptography;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Contacts;
using MailServer.Protocol.ContentLines;
using MailServer.Protocol.Dav.Properties;
using MimeKit;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>Validates a resource that a client uploads, and extracts the data for the index.</summary>
public static class NewResourceReader
{
    public static NewResource Read(CollectionSpace space, ReadOnlyMemory<byte> body, string? contentType) => space switch
    {
        CollectionSpace.Calendars => ReadCalendar(body, contentType),
        CollectionSpace.AddressBooks => ReadContact(body, contentType),
        _ => new NewResource { Body = body, ETag = TagOf(body), ContentType = contentType ?? "application/octet-stream" },
    };

    /// <summary>Reads a resource from a client: text is converted to UTF-8, and what no report could return is refused (RFC 4791 §5.3.2.1, RFC 6352 §6.3.2.1).</summary>
    public static NewResource ReadUpload(CollectionSpace space, ReadOnlyMemory<byte> body, string? contentType)
    {
        if (space == CollectionSpace.Files) return Read(space, body, contentType);
        if (!ReceivedText.TryRead(body, CharsetOf(contentType), out var text, out var fault))
            throw new DavException(403, fault.ToString(), space == CollectionSpace.Calendars ? CalDav + "valid-calendar-data" : CardDav + "valid-address-data");
        return space == CollectionSpace.Calendars ? ReadCalendar(text, contentType, isUpload: true) : ReadContact(text, contentType);
    }

    /// <summary>The entity tag: a digest of the octets, so it does not depend on the writer or the time.</summary>
    public static string TagOf(ReadOnlyMemory<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body.Span).AsSpan(0, 16));

    private static string? CharsetOf(string? contentType) => contentType is not null && ContentType.TryParse(contentType, out var type) ? type.Charset : null;

    private static NewResource ReadCalendar(ReadOnlyMemory<byte> body, string? contentType, bool isUpload = false)
    {
        if (!CalendarObject.TryParse(body, CalendarLimits.Default, out var calendar, out var fault) || isUpload && !CalendarRules.TryCheck(calendar, out fault))
            throw new DavException(403, fault.Reason, CalDav + (IsOther(contentType, "text/calendar") ? "supported-calendar-data" : fault.Element));
        var component = CalendarComponentNames.Parse(calendar.Component);
        if (component == CalendarComponents.None) throw DavException.Forbidden(CalDav + "supported-calendar-component");
        if (CalendarBounds.ViolatedPrecondition(calendar) is { } broken) throw DavException.Forbidden(CalDav + broken);
        return new NewResource
        {
            Body = body,
            ETag = TagOf(body),
            ContentType = "text/calendar; charset=utf-8",
            Uid = calendar.Uid,
            Attachments = AttachmentsOf(calendar),
            Component = component,
            First = calendar.FirstUtc.ToUnixTimeSeconds(),
            Last = calendar.LastUtc is { } last ? last.ToUnixTimeSeconds() + 1 : long.MaxValue,
            Instances = calendar.IndexedInstances is { } known ? InstanceTimes.Pack(known) : default,
        };
    }

    /// <summary>The managed attachments of an object, by MANAGED-ID or by URL: a client that drops the parameter does not remove the attachment.</summary>
    private static string[] AttachmentsOf(CalendarObject calendar)
    {
        var named = calendar.Components.SelectMany(c => c.Content.LinesNamed("ATTACH")).Select(AttachmentReference.IdInUrlOf);
        return [.. ManagedAttachments.Of(calendar).Union(named.OfType<string>(), StringComparer.Ordinal)];
    }

    private static NewResource ReadContact(ReadOnlyMemory<byte> body, string? contentType)
    {
        if (!ContactCard.TryParse(body, ContactLimits.Default, out var card, out var fault))
            throw new DavException(403, fault.Reason, CardDav + (IsOther(contentType, "text/vcard") ? "supported-address-data" : fault.Element));
        return new NewResource { Body = body, ETag = TagOf(body), ContentType = "text/vcard; charset=utf-8", Uid = card.Uid, Birthday = ReadBirthday(card) };
    }

    private static NewResource? ReadBirthday(ContactCard card)
    {
        var output = new ArrayBufferWriter<byte>();
        return BirthdayEvent.TryWrite(card, output, out _) ? ReadCalendar(output.WrittenMemory, null) : null;
    }

    /// <summary>True if the client declared another content type (RFC 4791 §5.3.2.1, RFC 6352 §6.3.2.1). Valid data is accepted under any type: some clients send wrong ones.</summary>
    private static bool IsOther(string? contentType, string expected) => contentType is { Length: > 0 } && !contentType.StartsWith(expected, StringComparison.OrdinalIgnoreCase);
}
