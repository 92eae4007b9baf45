using System.Xml.Linq;
using MailServer.Domain;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Xml;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>The body of MKCOL (RFC 5689) or MKCALENDAR (RFC 4791 §5.3.1).</summary>
/// <param name="Kind">The kind of collection to create.</param>
/// <param name="Components">The components that the calendar supports.</param>
/// <param name="Properties">The initial properties.</param>
public sealed record MkColRequest(CollectionKind Kind, CalendarComponents Components, IReadOnlyDictionary<string, string> Properties)
{
    /// <summary>The outcome of each instruction. With a fault among them nothing is created.</summary>
    public IReadOnlyCollection<PropertyOutcome> Outcomes { get; private init; } = [];

    /// <summary>The first fault; null if there is none.</summary>
    public DavException? Fault => Outcomes.Select(static o => o.Fault).FirstOrDefault(static fault => fault is not null);

    /// <param name="root">The body; null if there was none.</param>
    /// <param name="defaultKind">The kind if there is no resourcetype.</param>
    /// <param name="limits">Limits on properties.</param>
    public static MkColRequest Parse(XElement? root, CollectionKind defaultKind, Limits limits)
    {
        var parsed = new Parser(defaultKind, limits);
        var outcomes = (root is null ? [] : PropertyUpdate.Parse(root)).ConvertAll(update => new PropertyOutcome(update.Name, parsed.Take(update.Name, update.Value)));
        if (parsed.Properties.Count > limits.DavProperties) throw new DavException(507, "too many properties");
        return new MkColRequest(parsed.Kind, parsed.Kind == CollectionKind.Calendar ? parsed.Components : CalendarComponents.None, parsed.Properties) { Outcomes = outcomes };
    }

    private static CollectionKind KindOf(XElement resourceType)
    {
        var types = resourceType.Elements().Select(element => element.Name).Where(name => name != Collection).ToArray();
        if (types.Length == 0) return CollectionKind.Folder;
        if (types is [var type] && type == CalendarType) return CollectionKind.Calendar;
        if (types is [var other] && other == AddressBookType) return CollectionKind.AddressBook;
        throw DavException.Forbidden(WebDav + "valid-resourcetype");
    }

    private static CalendarComponents ComponentsOf(XElement set)
    {
        var components = CalendarComponents.None;
        foreach (var comp in set.Elements(CalDav + "comp"))
        {
            var component = CalendarComponentNames.Parse(comp.Attribute("name")?.Value);
            if (component == CalendarComponents.None) throw DavException.Forbidden(CalDav + "supported-calendar-component");
            components |= component;
        }

        return components == CalendarComponents.None ? CalendarComponents.Default : components;
    }

    private sealed class Parser(CollectionKind kind, Limits limits)
    {
        public CollectionKind Kind { get; private set; } = kind;

        public CalendarComponents Components { get; private set; } = CalendarComponents.Default;

        public Dictionary<string, string> Properties { get; } = new(StringComparer.Ordinal);

        /// <summary>Takes an instruction; returns why it cannot be followed.</summary>
        public DavException? Take(XName name, XElement? value)
        {
            if (value is null) throw DavException.BadRequest("a new collection has no properties to remove");
            try
            {
                if (name == ResourceType) Kind = KindOf(value);
                else if (name == SupportedComponents) Components = ComponentsOf(value);
                else if (LiveProperties.IsProtected(name)) return DavException.Forbidden(WebDav + "cannot-modify-protected-property");
                else Properties[name.ToString()] = PropertyUpdate.ToStored(value, limits);
                return null;
            }
            catch (DavException fault)
            {
                return fault;
            }
        }
    }
}
