using System.Globalization;
using MailServer.Protocol.Dav.Xml;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>General WebDAV properties: RFC 4918 §15, RFC 4331 (quota), RFC 3253 §3.1.5 (reports) and RFC 5995 §3.2.1 (add-member).</summary>
internal static class WebDavProperties
{
    public static IReadOnlyList<LiveProperty> All { get; } =
    [
        new(ResourceType, _ => true, WriteResourceType) { InAllProp = true },
        new(DisplayName, r => r.Kind is DavResourceKind.Principal or DavResourceKind.Home, (r, o) => o.Text(r.Owner.ToString())) { InAllProp = true, IsSettable = true },
        new(WebDav + "getetag", r => r.Entry is not null, (r, o) => o.Raw("\""u8).Raw(r.Entry!.ETag).Raw("\""u8)) { InAllProp = true },
        new(WebDav + "getcontenttype", r => r.Entry is not null, WriteContentType) { InAllProp = true },
        new(WebDav + "getcontentlength", r => r.Entry is not null, (r, o) => o.Number(r.Entry!.Size)) { InAllProp = true },
        new(WebDav + "getlastmodified", r => r.Entry is not null, (r, o) => o.Raw(r.Entry!.Modified.ToString("R", CultureInfo.InvariantCulture))) { InAllProp = true },
        new(WebDav + "creationdate", r => r.IsStored, WriteCreationDate) { InAllProp = true },
        new(WebDav + "supportedlock", r => r.IsStored, WriteSupportedLock) { InAllProp = true },
        new(LockDiscovery, r => r.IsStored, LockXml.WriteActive) { InAllProp = true },
        new(QuotaUsed, r => r.Quota is not null, (r, o) => o.Number(r.Quota!.Used)),
        new(QuotaAvailable, r => r.Quota is not null, (r, o) => o.Number(r.Quota!.Available)),
        new(WebDav + "add-member", r => r.Kind is DavResourceKind.Calendar or DavResourceKind.AddressBook, (r, o) => o.Href(r.Href)),
        new(WebDav + "supported-report-set", r => r.IsCollection || r.Kind is DavResourceKind.CalendarObject or DavResourceKind.Contact, WriteReports),
    ];

    private static void WriteResourceType(DavResource resource, DavXmlWriter output)
    {
        if (resource.IsCollection) output.Empty(Collection);
        switch (resource.Kind)
        {
            case DavResourceKind.Calendar:
                output.Empty(CalendarType);
                break;
            case DavResourceKind.AddressBook:
                output.Empty(AddressBookType);
                break;
            case DavResourceKind.Principal:
                output.Empty(WebDav + "principal");
                break;
            case DavResourceKind.Notifications:
                output.Empty(CalendarServer + "notification");
                break;
            case DavResourceKind.ScheduleInbox:
                output.Empty(CalDav + "schedule-inbox");
                break;
            case DavResourceKind.ScheduleOutbox:
                output.Empty(CalDav + "schedule-outbox");
                break;
        }

        SharingProperties.WriteTypes(resource, output);
    }

    private static void WriteContentType(DavResource resource, DavXmlWriter output)
    {
        output.Text(resource.Entry!.ContentType);
        if (resource.Kind == DavResourceKind.CalendarObject) output.Raw(";component="u8).Raw(CalendarComponentNames.Of(resource.Entry.Component).FirstOrDefault("VEVENT"));
    }

    private static void WriteCreationDate(DavResource resource, DavXmlWriter output) =>
        output.Raw((resource.Entry?.Created ?? resource.Collection!.Created).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));

    private static void WriteSupportedLock(DavResource resource, DavXmlWriter output)
    {
        foreach (var scope in new[] { "exclusive", "shared" })
            output.Raw($"<D:lockentry><D:lockscope><D:{scope}/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>");
    }

    private static void WriteReports(DavResource resource, DavXmlWriter output)
    {
        foreach (var report in SupportedReports.Of(resource))
            output.Raw("<D:supported-report><D:report>"u8).Empty(report).Raw("</D:report></D:supported-report>"u8);
    }
}
