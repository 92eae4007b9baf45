namespace MailServer.Protocol.ContentLines;

/// <summary>The match types of <c>text-match</c> (RFC 6352 §10.5.4). CalDAV has only <see cref="Contains"/>.</summary>
public enum TextMatchType
{
    Contains,
    Equals,
    StartsWith,
    EndsWith,
}

/// <summary>The <c>text-match</c> of a filter (RFC 4791 §9.7.5, RFC 6352 §10.5.4).</summary>
public sealed record TextMatch(string Text, TextCollation Collation, TextMatchType Type = TextMatchType.Contains, bool Negate = false)
{
    private readonly string _sought = Collations.Fold(Text, Collation);

    public bool Matches(string value) => IsIn(value) != Negate;

    /// <summary>True if one of the values matches; for a negated match, if none of them contains the text.</summary>
    public bool MatchesAny(IEnumerable<string> values) => values.Any(IsIn) != Negate;

    private bool IsIn(string value)
    {
        var folded = Collations.Fold(value, Collation);
        return Type switch
        {
            TextMatchType.Equals => string.Equals(folded, _sought, StringComparison.Ordinal),
            TextMatchType.StartsWith => folded.StartsWith(_sought, StringComparison.Ordinal),
            TextMatchType.EndsWith => folded.EndsWith(_sought, StringComparison.Ordinal),
            _ => folded.Contains(_sought, StringComparison.Ordinal),
        };
    }
}
