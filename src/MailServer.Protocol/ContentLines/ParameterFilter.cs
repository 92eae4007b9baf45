namespace MailServer.Protocol.ContentLines;

/// <summary>The <c>param-filter</c> of CalDAV and CardDAV (RFC 4791 §9.7.3, RFC 6352 §10.5.2): the parameter exists, does not exist, or a value of it matches.</summary>
public sealed record ParameterFilter
{
    public required string Name { get; init; }

    public bool IsNotDefined { get; init; }

    public TextMatch? TextMatch { get; init; }

    public bool Matches(ContentLine line)
    {
        var named = line.Parameters.Where(p => string.Equals(p.Name, Name, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (IsNotDefined || named.Length == 0)
            return IsNotDefined && named.Length == 0;
        return TextMatch is null || named.Any(p => TextMatch.MatchesAny([p.Joined, .. p.Values]));
    }
}
