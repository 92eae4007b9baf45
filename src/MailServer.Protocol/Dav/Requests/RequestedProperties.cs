using System.Xml.Linq;
using MailServer.Protocol.Dav.Properties;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>
/// The properties that a request asks for: those named in <c>prop</c>, all with <c>allprop</c>, or only the names with <c>propname</c> (RFC 4918 §14.20).
/// Reports of calendars and address books take the same elements (RFC 4791 §9.5 and §9.10, RFC 6352 §10.3 and §10.7).
/// </summary>
public static class RequestedProperties
{
    private static readonly XName AllProp = WebDav + "allprop";
    private static readonly XName PropName = WebDav + "propname";

    /// <summary>The elements in <c>prop</c>; empty if there is none.</summary>
    /// <exception cref="DavException">There is more than one of the elements: the properties that are meant are not known.</exception>
    public static IReadOnlyList<XElement> Named(XElement root) => Find(root) is { } found && found.Name == Prop ? [.. found.Elements()] : [];

    /// <summary>The selection of <c>allprop</c> or <c>propname</c>; null if the request has neither.</summary>
    /// <exception cref="DavException">There is more than one of the elements.</exception>
    public static PropertySelection? Unnamed(XElement root)
    {
        var name = Find(root)?.Name;
        if (name == PropName) return PropertySelection.PropName();
        return name == AllProp ? PropertySelection.AllProp(root.Element(WebDav + "include")?.Elements().Select(element => element.Name) ?? []) : null;
    }

    /// <summary>True if the request says which properties it asks for.</summary>
    /// <exception cref="DavException">There is more than one of the elements.</exception>
    public static bool AreIn(XElement root) => Find(root) is not null;

    private static XElement? Find(XElement root)
    {
        ArgumentNullException.ThrowIfNull(root);
        XElement[] found = [.. root.Elements().Where(element => element.Name == Prop || element.Name == AllProp || element.Name == PropName)];
        return found.Length <= 1 ? found.FirstOrDefault() : throw DavException.BadRequest("only one of prop, allprop and propname is allowed, once");
    }
}
