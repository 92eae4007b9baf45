using System.Xml.Linq;
using MailServer.Domain;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Properties;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>The body of MKCOL (RFC 5689) or MKCALENDAR (RFC 4791 §5.3.1).</summary>
/// <param name="Kind">The kind of collection to create.</param>
/// <param name="Components">The components that the calendar supports.</param>
/// <param name="Properties">The initial properties.</param>
public sealed record MkColRequest(CollectionKind Kind, CalendarComponents Components, IReadOnlyDictionary<string, string> Properties)
{
    /// <param name="root">The body; null if there was none.</param>
    /// <param name="defaultKind">The kind if there is no resourcetype.</param>
    /// <param name="limits">Limits on properties.</param>
    public static MkColRequest Parse(XElement? root, CollectionKind defaultKind, Limits limits)
    {
        var kind = defaultKind;
        var components = CalendarComponents.Default;
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in root is null ? [] : PropertyUpdate.Parse(root))
        {
            if (value is null) throw DavException.BadRequest("a new collection has no properties to remove");
            if (name == ResourceType) kind = KindOf(value);
            else if (name == SupportedComponents) components = ComponentsOf(value);
            else if (LiveProperties.IsProtected(name)) throw DavException.Forbidden(WebDav + "cannot-modify-protected-property");
            else properties[name.ToString()] = PropertyUpdate.ToStored(value, limits);
        }

        if (properties.Count > limits.DavProperties) throw new DavException(507, "too many properties");
        return new MkColRequest(kind, kind == CollectionKind.Calendar ? components : CalendarComponents.None, properties);
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
}
