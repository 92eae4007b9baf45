using System.Text.RegularExpressions;

namespace MailServer.Architecture.Tests;

/// <summary><c>docs/rfc-status.md</c> lists the support for each RFC; these tests compare it with the citations in the source.</summary>
public sealed partial class RfcStatusTests
{
    private static readonly Dictionary<string, string> Table = SourceTree.ReadLines("docs/rfc-status.md")
        .Select(l => Row().Match(l))
        .Where(m => m.Success)
        .ToDictionary(m => m.Groups["rfc"].Value, m => m.Groups["status"].Value, StringComparer.Ordinal);

    [Fact]
    public void Every_cited_RFC_is_in_the_table()
    {
        var missing = Cited().Where(c => !Table.ContainsKey(c.Key)).Select(c => $"RFC {c.Key} ({c.First()})");
        Violations.AssertNone(missing);
    }

    [Fact]
    public void Every_RFC_marked_as_supported_is_cited_in_the_source()
    {
        var cited = Cited().Select(c => c.Key).ToHashSet(StringComparer.Ordinal);
        var silent = Table.Where(r => r.Value is "yes" or "partial" && !cited.Contains(r.Key)).Select(r => "RFC " + r.Key);
        Violations.AssertNone(silent);
    }

    [Fact]
    public void Every_row_says_yes_partial_or_no()
    {
        Assert.NotEmpty(Table);
        Assert.All(Table, r => Assert.True(r.Value is "yes" or "partial" or "no", $"RFC {r.Key}: {r.Value}"));
    }

    /// <summary>Citations in the source by RFC number, with the files that contain them.</summary>
    private static IEnumerable<IGrouping<string, string>> Cited() =>
        SourceTree.TrackedFiles.Where(f => f.StartsWith("src/", StringComparison.Ordinal) && (f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".md", StringComparison.Ordinal)))
            .SelectMany(f => Citation().Matches(SourceTree.Read(f)).Select(m => (Number: m.Groups["rfc"].Value, File: f)))
            .GroupBy(c => c.Number, c => c.File, StringComparer.Ordinal);

    [GeneratedRegex(@"\bRFCs? (?<rfc>[0-9]{3,5})\b", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Citation();

    [GeneratedRegex(@"^\| *(?<rfc>[0-9]{3,5}) *\|[^|]*\| *(?<status>[a-z]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Row();
}
