using System.Globalization;
using System.Text.RegularExpressions;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Matching;

namespace MailServer.Protocol.Sieve.Running;

/// <summary>The comparison of a test: match type, comparator and keys (RFC 5228 §2.7).</summary>
internal sealed class SieveMatcher
{
    // Matching without backtracking takes several steps for each character.
    private const int RegexCost = 16;

    // Building an automaton costs more than running it over one value.
    private const int RegexBuildCost = 512 * 1024;

    private readonly Key[] _keys;

    public SieveMatcher(SieveMatchType type, SieveComparator comparator, SieveRelation relation, IReadOnlyList<SieveText> keys, bool setsVariables)
    {
        Type = type;
        Comparator = comparator;
        Relation = relation;
        Keys = keys;
        SetsVariables = setsVariables;
        _keys = [.. keys.Select(k => k.Constant is { } constant && type is not (SieveMatchType.Count or SieveMatchType.List) ? Prepare(constant, SieveLimits.Default) : null!)];
    }

    public SieveMatchType Type { get; }

    public SieveComparator Comparator { get; }

    public SieveRelation Relation { get; }

    public IReadOnlyList<SieveText> Keys { get; }

    /// <summary>Whether a match sets the variables of its wildcards.</summary>
    public bool SetsVariables { get; }

    /// <summary>Whether any value matches any key; for <c>:count</c>, whether their number does.</summary>
    public bool Matches(IEnumerable<string> values, SieveRun run)
    {
        if (Type == SieveMatchType.Count) return MatchesCount(values.Count(), run);
        var keys = Resolve(run);
        foreach (var value in values)
        {
            // The value is folded once for all keys.
            run.Budget.Charge(value.Length + 1);
            var text = Type is SieveMatchType.Regex or SieveMatchType.List or SieveMatchType.Value ? default : new FoldedText(value, Comparator);
            foreach (var key in keys)
            {
                if (MatchesOne(value, text, key, run)) return true;
            }
        }

        return false;
    }

    public bool MatchesCount(int count, SieveRun run)
    {
        var text = count.ToString(CultureInfo.InvariantCulture);
        return run.Expand(Keys).Any(k => SieveRelations.Holds(Relation, SieveComparators.Compare(text, k, Comparator)));
    }

    private bool MatchesOne(string value, in FoldedText text, Key key, SieveRun run)
    {
        switch (Type)
        {
            case SieveMatchType.Is:
                return text.Folded == key.Folded;
            case SieveMatchType.Contains:
                run.Budget.Charge(text.Folded.Length);
                return text.Folded.Contains(key.Folded, StringComparison.Ordinal);
            case SieveMatchType.Matches:
                return MatchesGlob(text, key.Glob!, run);
            case SieveMatchType.Regex:
                return MatchesRegex(value, key.Regex!, run);
            case SieveMatchType.Value:
                run.Budget.Charge(value.Length);
                return SieveRelations.Holds(Relation, SieveComparators.Compare(value, key.Text, Comparator));
            default:
                return run.Facts.ListContains(key.Text, value);
        }
    }

    private bool MatchesGlob(in FoldedText text, GlobPattern glob, SieveRun run)
    {
        run.Budget.Charge(text.Folded.Length);
        if (!glob.TryMatch(text, run.Budget, out var captures)) return false;
        if (!SetsVariables) return true;
        var values = new string[captures!.Length + 1];
        values[0] = text.Original(0, text.Folded.Length);
        for (var i = 0; i < captures.Length; i++) values[i + 1] = text.Original(captures[i].Start, captures[i].End);
        run.Variables.SetMatches(values);
        return true;
    }

    private bool MatchesRegex(string value, Regex regex, SieveRun run)
    {
        run.Budget.Charge(RegexCost * (long)(value.Length + 1));
        try
        {
            if (!SetsVariables) return regex.IsMatch(value);
            var match = regex.Match(value);
            if (!match.Success) return false;
            run.Variables.SetMatches([.. match.Groups.Values.Select(static g => g.Value)]);
            return true;
        }
        catch (RegexMatchTimeoutException)
        {
            throw new SieveFaultException("a regular expression took too long");
        }
    }

    private Key[] Resolve(SieveRun run)
    {
        if (Array.TrueForAll(_keys, static k => k is not null)) return _keys;
        var keys = new Key[_keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = _keys[i];
            if (keys[i] is not null) continue;
            var text = Keys[i].Expand(run);
            run.Budget.Charge(Type == SieveMatchType.Regex ? RegexBuildCost : text.Length + 1);
            keys[i] = Prepare(text, run.Limits);
        }

        return keys;
    }

    private Key Prepare(string text, SieveLimits limits) => Type switch
    {
        SieveMatchType.Matches => new Key(text, "", new GlobPattern(text, Comparator), null),
        SieveMatchType.Regex => new Key(text, "", null, Compile(text, limits)),
        SieveMatchType.Is or SieveMatchType.Contains => new Key(text, SieveComparators.Fold(text, Comparator), null, null),
        _ => new Key(text, "", null, null),
    };

    private Regex Compile(string text, SieveLimits limits) =>
        PosixRegex.TryCompile(text, Comparator != SieveComparator.Octet, limits, out var regex, out var error) ? regex : throw new SieveFaultException(error);

    private sealed record Key(string Text, string Folded, GlobPattern? Glob, Regex? Regex);
}
