using System.Text.RegularExpressions;

namespace MailServer.Architecture.Tests;

/// <summary>A count before a noun agrees with it: texts and log lines use <c>Quantity</c>, so that nobody reads "1 messages".</summary>
public sealed partial class QuantityTests
{
    /// <summary>Words that end in s after an interpolation and are not the plural of a noun.</summary>
    private static readonly HashSet<string> NoPlurals = new(StringComparer.Ordinal)
    {
        "address", "answers", "applies", "as", "belongs", "contains", "dis", "does", "exists", "expires", "forwards", "goes", "has", "invites", "is", "lists", "moves", "names",
        "needs", "occurs", "process", "refuses", "requires", "resolves", "sees", "sets", "shows", "signs", "status", "was", "weakness",
    };

    /// <summary>Numbers that are never 1, or no count.</summary>
    private static readonly HashSet<string> NeverOne = new(StringComparer.Ordinal)
    {
        "rsa.KeySize bits", "_limits.MtaStsPolicySize octets", "_patience.TotalMinutes:0.# minutes", "Seconds:0.0 seconds", "Quota octets", "Shown(first.Name) components", "count times",
    };

    [Fact]
    public void A_count_before_a_noun_agrees_with_it() => Violations.AssertNone(SourceTree.TrackedFiles
        .Where(static f => f.StartsWith("src/", StringComparison.Ordinal) && (f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal)))
        .SelectMany(file => SourceTree.ReadLines(file).Select((line, i) => (File: file, Number: i + 1, Line: line)))
        .Where(static l => IsDisagreement(l.Line))
        .Select(static l => $"{l.File}:{l.Number}: use Quantity.Of: {l.Line.Trim()}"));

    [Theory]
    [InlineData("$\"{count} messages\"", true)]
    [InlineData("$\"after {list.Count} entries were\"", true)]
    [InlineData("$\"{Quantity.Of(count, \"message\")}\"", false)]
    [InlineData("$\"{name} is\"", false)]
    [InlineData("Message = \"{Count} messages\"", true)]
    [InlineData("$\"at most {Limits.Most} messages\"", false)]
    public void The_scan_sees_counts(string line, bool isCount) => Assert.Equal(isCount, IsDisagreement(line));

    private static bool IsDisagreement(string line) => !line.TrimStart().StartsWith("///", StringComparison.Ordinal) && Counted().Matches(line).Any(match =>
    {
        var (hole, word) = (match.Groups["hole"].Value, match.Groups["word"].Value);
        if (NoPlurals.Contains(word) || NeverOne.Contains($"{hole} {word}")) return false;
        // In a text PascalCase names a constant, such as a limit. In the template of a log event it names a value.
        return !Constant().IsMatch(hole) || line.Contains("Message = ", StringComparison.Ordinal);
    });

    [GeneratedRegex(@"\{(?<hole>[^{}""\s][^{}""]*)\} (?<word>[a-z]+s)\b", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Counted();

    [GeneratedRegex(@"^([A-Z]\w*\.)*[A-Z]\w*$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Constant();
}
