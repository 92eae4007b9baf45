using System.Text;
using System.Xml.Linq;
using MailServer.Domain;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Reports;
using MailServer.Protocol.Calendars.Times;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>Parses the instructions of PROPPATCH, MKCOL and MKCALENDAR in order (RFC 4918 §14.19, RFC 5689 §5.1). A null value removes the property.</summary>
public static class PropertyUpdate
{
    public static List<(XName Name, XElement? Value)> Parse(XElement root)
    {
        var updates = new List<(XName, XElement?)>();
        foreach (var instruction in root.Elements())
        {
            var sets = instruction.Name == WebDav + "set";
            if (!sets && instruction.Name != WebDav + "remove") continue;
            foreach (var property in instruction.Elements(Prop).Elements()) updates.Add((property.Name, sets ? property : null));
        }

        return updates;
    }

    /// <summary>The stored form of a property: self-contained XML with the inherited xml:lang (RFC 4918 §4.3).</summary>
    public static string ToStored(XElement value, Limits limits)
    {
        Check(value);
        var copy = new XElement(value);
        var language = value.AncestorsAndSelf().Select(element => element.Attribute(XNamespace.Xml + "lang")).FirstOrDefault(found => found is not null);
        if (language is not null) copy.SetAttributeValue(language.Name, language.Value);
        var text = copy.ToString(SaveOptions.DisableFormatting);
        return text.Length <= limits.DavProperty ? text : throw new DavException(507, "the property is too large");
    }

    /// <summary>Validates properties that the server itself uses (RFC 4791 §5.2.2, RFC 7809 §5.2, RFC 7953 §7.2.4).</summary>
    private static void Check(XElement value)
    {
        if (value.Name == TimeZoneId && !CalendarTimeZone.TryFind(value.Value.Trim(), out _)) throw DavException.Forbidden(CalDav + "valid-timezone");
        if (value.Name == CalendarTimeZoneName && !VTimeZoneReader.TryParseSingle(Encoding.UTF8.GetBytes(value.Value), CalendarLimits.Default, out _)) throw DavException.Forbidden(CalDav + "valid-calendar-data");
        if (value.Name == Availability && !CalendarAvailability.TryParse(Encoding.UTF8.GetBytes(value.Value), CalendarLimits.Default, out _)) throw DavException.Forbidden(CalDav + "valid-calendar-data");
    }
}
