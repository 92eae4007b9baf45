namespace MailServer.Protocol.Sieve.Matching;

/// <summary>How a test compares values with keys.</summary>
internal enum SieveMatchType
{
    Is,
    Contains,
    Matches,
    /// <summary>draft-ietf-sieve-regex.</summary>
    Regex,
    /// <summary>RFC 5231 §4.1.</summary>
    Value,
    /// <summary>RFC 5231 §4.2.</summary>
    Count,
    /// <summary>RFC 6134 §2.2.</summary>
    List,
}

/// <summary>The relations of RFC 5231 §4.1.</summary>
internal enum SieveRelation
{
    Gt,
    Ge,
    Lt,
    Le,
    Eq,
    Ne,
}

internal static class SieveRelations
{
    public static IReadOnlyList<string> Names { get; } = ["gt", "ge", "lt", "le", "eq", "ne"];

    public static bool TryFind(string name, out SieveRelation relation) =>
        Enum.TryParse(name, ignoreCase: true, out relation) && Names.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the relation holds for the result of a comparison.</summary>
    public static bool Holds(SieveRelation relation, int compared) => relation switch
    {
        SieveRelation.Gt => compared > 0,
        SieveRelation.Ge => compared >= 0,
        SieveRelation.Lt => compared < 0,
        SieveRelation.Le => compared <= 0,
        SieveRelation.Eq => compared == 0,
        _ => compared != 0,
    };
}
