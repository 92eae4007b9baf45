using MailServer.Protocol.Sieve.Bounds;

namespace MailServer.Protocol.Sieve.Matching;

/// <summary>
/// A pattern of <c>:matches</c> (RFC 5228 §2.7.1): <c>*</c>, <c>?</c> (one character, not one octet), and a backslash before a literal. Matching goes back
/// to the last <c>*</c> only, so it takes at most the product of both lengths, and each <c>*</c> takes as little as possible (RFC 5229 §3.2).
/// </summary>
internal sealed class GlobPattern
{
    // A step takes several times as long as the comparison of an octet.
    private const int StepCost = 4;
    private const int StepsPerCharge = 4_096;

    private const char Star = '*';
    private const char One = '?';

    private readonly List<(char Symbol, int Wildcard)> _symbols = [];

    public GlobPattern(string pattern, SieveComparator comparator)
    {
        for (var at = 0; at < pattern.Length; at++)
        {
            if (pattern[at] is Star or One)
            {
                _symbols.Add((pattern[at], ++Wildcards));
                continue;
            }

            var start = at;
            if (pattern[at] == '\\' && at + 1 < pattern.Length) start = ++at;
            if (char.IsHighSurrogate(pattern[at]) && at + 1 < pattern.Length) at++;
            foreach (var c in SieveComparators.Fold(pattern[start..(at + 1)], comparator)) _symbols.Add((c, 0));
        }
    }

    /// <summary>The number of wildcards.</summary>
    public int Wildcards { get; }

    /// <summary>Matches the whole text.</summary>
    /// <param name="text">The text, folded with the pattern's comparator.</param>
    /// <param name="budget">Charged with the work.</param>
    /// <param name="captures">What each wildcard stands for; null if there is no match.</param>
    public bool TryMatch(in FoldedText text, SieveBudget budget, out (int Start, int End)[]? captures)
    {
        captures = new (int Start, int End)[Wildcards];
        var folded = text.Folded;
        int at = 0, symbol = 0, lastStar = -1, work = 0;
        while (at < folded.Length)
        {
            if (++work % StepsPerCharge == 0) budget.Charge(StepsPerCharge * StepCost);
            var (expected, wildcard) = symbol < _symbols.Count ? _symbols[symbol] : default;
            if (wildcard > 0 && expected == Star)
            {
                captures[wildcard - 1] = (at, at);
                lastStar = symbol++;
            }
            else if (wildcard > 0)
            {
                var unit = text.UnitAt(at);
                captures[wildcard - 1] = (at, at + unit);
                at += unit;
                symbol++;
            }
            else if (symbol < _symbols.Count && folded[at] == expected)
            {
                at++;
                symbol++;
            }
            else if (lastStar >= 0)
            {
                // The last star takes one character more.
                ref var capture = ref captures[_symbols[lastStar].Wildcard - 1];
                capture.End += text.UnitAt(capture.End);
                at = capture.End;
                symbol = lastStar + 1;
            }
            else
            {
                return Fail(out captures);
            }
        }

        for (; symbol < _symbols.Count && _symbols[symbol] is (Star, > 0) star; symbol++) captures[star.Wildcard - 1] = (at, at);
        return symbol == _symbols.Count || Fail(out captures);
    }

    private static bool Fail(out (int Start, int End)[]? captures)
    {
        captures = null;
        return false;
    }
}
