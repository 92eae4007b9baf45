using System.Globalization;
using System.Text;
using System.Xml.Linq;
using MailServer.Domain.Collections;
using MailServer.Protocol.Contacts;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>The body of an addressbook-query report (RFC 6352 §8.6).</summary>
/// <param name="Properties">The requested properties of each card.</param>
/// <param name="Filter">Selects the cards.</param>
public sealed record AddressBookQueryRequest(IReadOnlyList<XElement> Properties, ContactFilter Filter)
{
    /// <summary>
    /// The condition that the store can check: if every match must contain a certain text, cards without it are skipped. Used only for texts that
    /// have the same octets under every collation, escape and case mapping.
    /// </summary>
    public QueryPlan Plan
    {
        get
        {
            var all = Filter.Test == FilterTest.AllOf || Filter.Properties.Count == 1;
            var text = all ? Filter.Properties.Select(RequiredText).FirstOrDefault(found => found is not null) : null;
            return text is null ? QueryPlan.Everything : QueryPlan.Everything with { Text = Encoding.ASCII.GetBytes(text) };
        }
    }

    public static AddressBookQueryRequest Parse(XElement root)
    {
        if (root.Element(CardDav + "filter") is not { } filter) throw DavException.Forbidden(CardDav + "valid-filter");
        var limit = root.Element(CardDav + "limit")?.Element(CardDav + "nresults")?.Value;
        if (limit is not null && !int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out _)) throw DavException.BadRequest("nresults must be a number");
        return new AddressBookQueryRequest(RequestedProperties.Named(root), new ContactFilter
        {
            Test = Test(filter),
            Properties = [.. filter.Elements(CardDav + "prop-filter").Select(Property)],
            Limit = limit is null ? null : int.Parse(limit, CultureInfo.InvariantCulture),
        });
    }

    private static ContactPropertyFilter Property(XElement element) => new()
    {
        Name = FilterXml.NameOf(element, CardDav),
        IsNotDefined = element.Element(CardDav + "is-not-defined") is not null,
        Test = Test(element),
        TextMatches = [.. element.Elements(CardDav + "text-match").Select(match => FilterXml.TextMatch(match, CardDav))],
        Parameters = [.. element.Elements(CardDav + "param-filter").Select(parameter => FilterXml.Parameter(parameter, CardDav))],
    };

    private static FilterTest Test(XElement element) => element.Attribute("test")?.Value == "allof" ? FilterTest.AllOf : FilterTest.AnyOf;

    private static string? RequiredText(ContactPropertyFilter property)
    {
        if (property.IsNotDefined || (property.Test == FilterTest.AnyOf && property.TextMatches.Count + property.Parameters.Count != 1)) return null;
        return property.TextMatches.FirstOrDefault(match => !match.Negate && match.Text.Length > 0 && match.Text.All(IsPlain))?.Text;
    }

    // Excludes k, s and i: Unicode case folding maps other characters to them (Kelvin sign, long s, dotted I), so only the filter can decide.
    private static bool IsPlain(char c) =>
        (char.IsAsciiLetterOrDigit(c) && char.ToLowerInvariant(c) is not ('k' or 's' or 'i')) || c is '@' or '.' or '-' or ' ';
}
