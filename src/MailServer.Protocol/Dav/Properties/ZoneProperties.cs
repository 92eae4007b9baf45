using System.Text;
using System.Xml.Linq;
using MailServer.Protocol.Calendars;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>
/// The properties calendar-timezone and calendar-timezone-id are one setting in two forms. If a client changes one of them the other follows (RFC 7809
/// §3.1.5), so that clients that know only one agree with those that know the other.
/// </summary>
public static class ZoneProperties
{
    /// <summary>The changes of properties by name in Clark notation (null removes one), with the change of the other form if there is only one.</summary>
    public static IReadOnlyList<KeyValuePair<string, string?>> Complete(IReadOnlyList<KeyValuePair<string, string?>> changes, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var (names, definitions) = (Of(changes, TimeZoneId), Of(changes, CalendarTimeZoneName));
        if ((names.Length > 0) == (definitions.Length > 0)) return changes;
        return [.. changes, names.Length > 0 ? new(CalendarTimeZoneName.ToString(), DefinitionOf(names[^1], now)) : new(TimeZoneId.ToString(), NameOf(definitions[^1]))];
    }

    private static string?[] Of(IReadOnlyList<KeyValuePair<string, string?>> changes, XName name) => [.. changes.Where(change => change.Key == name.ToString()).Select(static change => change.Value)];

    private static string? DefinitionOf(string? stored, DateTimeOffset now) =>
        stored is not null && StandardTimeZones.Define(XElement.Parse(stored).Value.Trim(), now) is { } text ? Write(CalendarTimeZoneName, Encoding.UTF8.GetString(text.Span)) : null;

    private static string? NameOf(string? stored) =>
        stored is not null && StandardTimeZones.NameIn(Encoding.UTF8.GetBytes(XElement.Parse(stored).Value)) is { } name ? Write(TimeZoneId, name) : null;

    private static string Write(XName name, string value) => new XElement(name, value).ToString(SaveOptions.DisableFormatting);
}
