using MailServer.Protocol.Sieve.Matching;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Checking;

/// <summary>The tags of a comparison (RFC 5228 §2.7), read before the keys.</summary>
internal sealed class MatchArguments
{
    private readonly SieveArguments _arguments;
    private readonly SieveMatchType _type = SieveMatchType.Is;
    private readonly SieveComparator _comparator;
    private readonly SieveRelation _relation;

    public MatchArguments(SieveArguments arguments)
    {
        _arguments = arguments;
        if (arguments.ConstantTag("comparator") is { } name) _comparator = ReadComparator(name);
        var given = 0;
        if (arguments.Flag("is")) given++;
        if (arguments.Flag("contains")) (_type, given) = (SieveMatchType.Contains, given + 1);
        if (arguments.Flag("matches")) (_type, given) = (SieveMatchType.Matches, given + 1);
        if (arguments.Flag("regex", "regex")) (_type, given) = (SieveMatchType.Regex, given + 1);
        if (arguments.Flag("list", "extlists")) (_type, given) = (SieveMatchType.List, given + 1);
        if (arguments.ConstantTag("value", "relational") is { } value) (_type, _relation, given) = (SieveMatchType.Value, ReadRelation(value), given + 1);
        if (arguments.ConstantTag("count", "relational") is { } count) (_type, _relation, given) = (SieveMatchType.Count, ReadRelation(count), given + 1);
        if (given > 1) arguments.Error($"'{arguments.Name}' takes only one match type");
        if (_type == SieveMatchType.List) arguments.Checker.Needs |= SieveNeeds.Lists;
        if (_comparator == SieveComparator.AsciiNumeric && _type is SieveMatchType.Contains or SieveMatchType.Matches or SieveMatchType.Regex)
            arguments.Error("the comparator 'i;ascii-numeric' compares whole numbers only", "use :is, :value or :count");
    }

    /// <summary>Takes the keys, the next argument.</summary>
    /// <param name="setsVariables">Whether matches set variables (RFC 5229 §3.2).</param>
    public SieveMatcher Keys(bool setsVariables = true) => With(_arguments.Texts("the keys to compare with"), setsVariables);

    /// <summary>The comparison with given keys.</summary>
    public SieveMatcher With(IReadOnlyList<SieveText> keys, bool setsVariables = true)
    {
        var checker = _arguments.Checker;
        if (_type == SieveMatchType.Regex)
        {
            foreach (var key in keys)
            {
                if (key.Constant is null || PosixRegex.TryCompile(key.Constant, ignoresCase: false, checker.Limits, out _, out var error)) continue;
                _arguments.Error(_arguments.OffsetOfLast, error);
                return new SieveMatcher(SieveMatchType.Is, _comparator, _relation, keys, setsVariables: false);
            }
        }

        return new SieveMatcher(_type, _comparator, _relation, keys, setsVariables && checker.Has("variables"));
    }

    private SieveComparator ReadComparator(string name)
    {
        if (!SieveComparators.TryFind(name, out var comparator))
            _arguments.Checker.Errors.Add(_arguments.Offset, $"the comparator '{name}' is not available", Suggestions.For(name, SieveComparators.Names), canBeDeferred: true);
        else if (comparator is SieveComparator.AsciiNumeric or SieveComparator.UnicodeCasemap)
            _arguments.Checker.Require($"comparator-{name}", _arguments.Offset, $"the comparator '{name}'");
        return comparator;
    }

    private SieveRelation ReadRelation(string name)
    {
        if (!SieveRelations.TryFind(name, out var relation)) _arguments.Error($"'{name}' is not a relation", $"use one of {string.Join(", ", SieveRelations.Names)}");
        return relation;
    }
}
