using System.Buffers;
using System.Xml.Linq;
using MailServer.Domain;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Filters;
using MailServer.Protocol.Calendars.Reports;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.Contacts;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Dav.Xml;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Reports;

/// <summary>The resources that a report selects from a collection, and the form in which it returns their content.</summary>
public sealed class ReportSelection
{
    private readonly Func<Content, bool> _matches;
    private readonly Func<Content, ReadOnlyMemory<byte>>? _convert;

    private ReportSelection(Func<Content, bool> matches, Func<Content, ReadOnlyMemory<byte>>? convert) => (_matches, _convert) = (matches, convert);

    /// <summary>Preselection by the index.</summary>
    public QueryPlan Plan { get; private init; } = QueryPlan.Everything;

    /// <summary>True if every resource that the plan selects matches.</summary>
    public bool IsDecidedByPlan { get; private init; }

    /// <exception cref="DavException">The report is unknown or malformed, or requests an unsupported form.</exception>
    public static ReportSelection Parse(CollectionRequest.Search search, Limits limits)
    {
        ArgumentNullException.ThrowIfNull(search);
        var root = DavXmlReader.Read(search.Report, limits);
        var zone = FloatingZones.Read(search.FloatingZone);
        if (root.Name == SupportedReports.CalendarQuery) return Of(CalendarQueryRequest.Parse(root), zone, search.Zones);
        if (root.Name == SupportedReports.AddressBookQuery) return Of(AddressBookQueryRequest.Parse(root));
        var wanted = MultigetRequest.Parse(root).Properties;
        return new ReportSelection(
            static _ => true,
            root.Name == SupportedReports.CalendarMultiget ? CalendarForm(wanted, zone, search.Zones)
            : root.Name == SupportedReports.AddressBookMultiget ? ContactForm(wanted)
            : throw DavException.Forbidden(WebDav + "supported-report"));
    }

    /// <summary>The preselection for a calendar-query.</summary>
    public static QueryPlan ToPlan(CalendarFilterPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return QueryPlan.Everything with
        {
            Components = plan.Component is { } name ? CalendarComponentNames.Parse(name) : CalendarComponents.None,
            First = plan.Range?.Start?.ToUnixTimeSeconds() ?? long.MinValue,
            Last = plan.Range?.End?.ToUnixTimeSeconds() ?? long.MaxValue,
            IsTimeRangeOnly = plan.IsEventRange,
        };
    }

    /// <summary>The resource in the requested form; null if it does not match. Unreadable resources are included, so that clients do not consider them deleted.</summary>
    /// <param name="entry">The resource with its body.</param>
    /// <param name="isPlanned">True if <see cref="Plan"/> selected it.</param>
    public ResourceEntry? Select(ResourceEntry entry, bool isPlanned)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.IsUnreadable) return entry;
        var content = new Content(entry.Body);
        if (!(isPlanned && (IsDecidedByPlan || entry.IsKnownMatch)) && !_matches(content)) return null;
        return _convert is null ? entry : entry with { Body = _convert(content) };
    }

    private static ReportSelection Of(CalendarQueryRequest query, CalendarTimeZone zone, ZoneDefinitions zones)
    {
        var floating = query.TimeZone ?? zone;
        var plan = query.Filter.Plan;
        return new ReportSelection(
            content => content.Calendar is { } calendar && query.Filter.Matches(calendar, floating),
            CalendarForm(query.Properties, floating, zones))
        {
            Plan = ToPlan(plan),
            IsDecidedByPlan = plan.IsExact,
        };
    }

    private static ReportSelection Of(AddressBookQueryRequest query) => new(
        content => content.Card is { } card && query.Filter.Matches(card),
        ContactForm(query.Properties))
    {
        Plan = query.Plan,
    };

    /// <summary>Converts a calendar object; null if the stored octets are returned, or none.</summary>
    private static Func<Content, ReadOnlyMemory<byte>>? CalendarForm(IReadOnlyList<XElement> properties, CalendarTimeZone floating, ZoneDefinitions zones)
    {
        if (properties.FirstOrDefault(property => property.Name == CalendarDataName) is not { } element) return null;
        var data = CalendarDataXml.Parse(element);
        Func<Content, ReadOnlyMemory<byte>>? convert = data.IsWhole ? null : content => Convert(content, data, floating);
        return zones switch
        {
            ZoneDefinitions.LeaveOut => content => StandardTimeZones.RemoveDefinitions(convert is null ? content.Body : convert(content)),
            ZoneDefinitions.Add => content => StandardTimeZones.AddDefinitions(convert is null ? content.Body : convert(content)),
            _ => convert,
        };
    }

    private static Func<Content, ReadOnlyMemory<byte>>? ContactForm(IReadOnlyList<XElement> properties)
    {
        if (properties.FirstOrDefault(property => property.Name == AddressData) is not { } element) return null;
        var contact = AddressDataXml.Parse(element);
        return contact is { Properties: null, Version: null } ? null : content => Convert(content, contact);
    }

    private static ReadOnlyMemory<byte> Convert(Content content, CalendarDataRequest data, CalendarTimeZone floating)
    {
        if (content.Calendar is not { } calendar) return content.Body;
        var output = new ArrayBufferWriter<byte>(content.Body.Length + 256);
        data.Write(calendar, floating, output);
        return output.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Convert(Content content, AddressDataRequest data)
    {
        if (content.Card is not { } card) return content.Body;
        var output = new ArrayBufferWriter<byte>(content.Body.Length + 256);
        data.Write(card, output);
        return output.WrittenMemory;
    }

    /// <summary>The content of a resource, parsed at most once for filter and form.</summary>
    private sealed class Content(ReadOnlyMemory<byte> body)
    {
        private readonly Lazy<CalendarObject?> _calendar = new(() => CalendarObject.TryParse(body, CalendarLimits.Default, out var calendar, out _) ? calendar : null, isThreadSafe: false);
        private readonly Lazy<ContactCard?> _card = new(() => ContactCard.TryParse(body, ContactLimits.Default, out var card, out _) ? card : null, isThreadSafe: false);

        public ReadOnlyMemory<byte> Body => body;

        /// <summary>Null if the content is not a calendar object.</summary>
        public CalendarObject? Calendar => _calendar.Value;

        /// <summary>Null if the content is not a contact.</summary>
        public ContactCard? Card => _card.Value;
    }
}
