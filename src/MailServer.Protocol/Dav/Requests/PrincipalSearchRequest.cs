using System.Xml.Linq;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Dav.Properties;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>A search for principals: RFC 3744 §9.4, and calendarserver-principal-search, which Apple clients use to complete names.</summary>
/// <param name="Properties">The requested properties of each principal.</param>
/// <param name="Tests">Texts and the properties in which they must occur; an empty list of properties matches any.</param>
/// <param name="MatchAll">True if all tests must match; false if one match is sufficient.</param>
public sealed record PrincipalSearchRequest(IReadOnlyList<XElement> Properties, IReadOnlyList<(IReadOnlyList<XName> In, string Text)> Tests, bool MatchAll)
{
    /// <summary>The searchable properties with their descriptions (RFC 3744 §9.5).</summary>
    public static IReadOnlyList<(XName Name, string Description)> Searchable { get; } =
    [
        (DisplayName, "name"),
        (CalendarServer + "email-address-set", "mail address"),
        (CalDav + "calendar-user-address-set", "calendar address"),
        (CalDav + "calendar-user-type", "kind of user"),
    ];

    public static PrincipalSearchRequest Parse(XElement root)
    {
        var properties = RequestedProperties.Named(root);
        if (root.Name == SupportedReports.PrincipalTokenSearch)
            return new PrincipalSearchRequest(properties, [.. root.Elements(CalendarServer + "search-token").Select(token => ((IReadOnlyList<XName>)[], token.Value.Trim()))], MatchAll: true);
        var tests = root.Elements(WebDav + "property-search")
            .Select(search => ((IReadOnlyList<XName>)[.. search.Elements(Prop).Elements().Select(property => property.Name)], search.Element(WebDav + "match")?.Value.Trim() ?? ""))
            .ToArray();
        if (tests.Length == 0 || tests.Any(test => test.Item1.Count == 0)) throw DavException.BadRequest("a search needs properties and a text");
        return new PrincipalSearchRequest(properties, tests, MatchAll: root.Attribute("test")?.Value != "anyof");
    }

    public bool Matches(EmailAddress address) => Tests.Count > 0 && (MatchAll ? Tests.All(test => Matches(test, address)) : Tests.Any(test => Matches(test, address)));

    private static bool Matches((IReadOnlyList<XName> In, string Text) test, EmailAddress address)
    {
        if (test.Text.Length == 0) return false;
        return test.In.Count == 0
            ? Contains($"mailto:{address}", test.Text)
            : test.In.All(name => ValueOf(name, address) is { } value && Contains(value, test.Text));
    }

    private static bool Contains(string value, string text) => value.Contains(text, StringComparison.OrdinalIgnoreCase);

    private static string? ValueOf(XName name, EmailAddress address)
    {
        if (name == DisplayName || name == CalendarServer + "email-address-set") return address.ToString();
        if (name == CalDav + "calendar-user-address-set") return $"mailto:{address}";
        return name == CalDav + "calendar-user-type" ? "INDIVIDUAL" : null;
    }
}
