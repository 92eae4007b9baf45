using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Contacts;

/// <summary>Whether at least one or all of several conditions must hold (the <c>test</c> attribute).</summary>
public enum FilterTest
{
    AnyOf,
    AllOf,
}

/// <summary>The <c>filter</c> of addressbook-query (RFC 6352 §10.5). Without conditions it matches every card.</summary>
public sealed record ContactFilter
{
    public FilterTest Test { get; init; }

    public IReadOnlyList<ContactPropertyFilter> Properties { get; init; } = [];

    /// <summary>The <c>nresults</c> of <c>limit</c>: the largest number of cards to return.</summary>
    public int? Limit { get; init; }

    public bool Matches(ContactCard card) => Test.Holds(Properties, p => p.Matches(card));
}

/// <summary>The <c>prop-filter</c> element (RFC 6352 §10.5.1).</summary>
public sealed record ContactPropertyFilter
{
    /// <summary>A property name with an optional group: <c>item1.EMAIL</c>.</summary>
    public required string Name { get; init; }

    public bool IsNotDefined { get; init; }

    public FilterTest Test { get; init; }

    public IReadOnlyList<TextMatch> TextMatches { get; init; } = [];

    public IReadOnlyList<ParameterFilter> Parameters { get; init; } = [];

    public bool Matches(ContactCard card)
    {
        var named = card.Root.Lines.Where(IsNamed);
        return IsNotDefined ? !named.Any() : named.Any(Holds);
    }

    private bool IsNamed(ContentLine line)
    {
        var dot = Name.LastIndexOf('.');
        return Name.AsSpan(dot + 1).Equals(line.Name, StringComparison.OrdinalIgnoreCase)
            && (dot < 0 || Name.AsSpan(0, dot).Equals(line.Group, StringComparison.OrdinalIgnoreCase));
    }

    private bool Holds(ContentLine line)
    {
        var conditions = TextMatches.Select(t => (Func<bool>)(() => t.MatchesAny(SearchableText.Of(line))))
            .Concat(Parameters.Select(p => (Func<bool>)(() => p.Matches(line))));
        return Test.Holds([.. conditions], c => c());
    }
}

/// <summary>Evaluates <see cref="FilterTest"/>.</summary>
internal static class FilterTestExtensions
{
    public static bool Holds<T>(this FilterTest test, IReadOnlyCollection<T> conditions, Func<T, bool> holds) =>
        conditions.Count == 0 || (test == FilterTest.AllOf ? conditions.All(holds) : conditions.Any(holds));
}
