using System.Text.RegularExpressions;

namespace MailServer.Architecture.Tests;

/// <summary>The table in the README of the actors lists each of them, and the bounds that it names exist.</summary>
public sealed partial class ActorTableTests
{
    private const string Folder = "src/MailServer.Actors/";

    /// <summary>The cells of the table: the actors of each row, and its bounds.</summary>
    private static readonly (string Actors, string Bounds)[] Rows =
    [
        .. SourceTree.ReadLines(Folder + "README.md").SkipWhile(static l => l != "## Every actor").Skip(1).TakeWhile(static l => !l.StartsWith('#'))
            .Where(static l => l.StartsWith("| `", StringComparison.Ordinal)).Select(static l => l.Split('|')).Select(static c => (c[1], c[^2])),
    ];

    [Fact]
    public void Every_actor_has_a_row_and_every_row_an_actor()
    {
        var actors = SourceTree.SourceFiles.Where(static f => f.StartsWith(Folder, StringComparison.Ordinal) && f.EndsWith("Actor.cs", StringComparison.Ordinal))
            .Select(static f => (Name: Path.GetFileNameWithoutExtension(f), Lines: SourceTree.ReadLines(f)))
            .Where(static a => !a.Lines.Any(l => l.Contains("abstract ", StringComparison.Ordinal) && l.Contains($"class {a.Name}", StringComparison.Ordinal))).Select(static a => a.Name);
        Assert.Equal(actors.Order(StringComparer.Ordinal), Rows.SelectMany(static r => Names(r.Actors)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_bound_in_the_table_is_a_limit_or_a_type()
    {
        var limits = string.Concat(SourceTree.SourceFiles.Where(static f => f.StartsWith("src/MailServer.Domain/Limits", StringComparison.Ordinal)).Select(SourceTree.Read));
        var types = SourceFile.All.SelectMany(static f => f.Types).ToHashSet(StringComparer.Ordinal);
        Violations.AssertNone(Rows.SelectMany(static r => Names(r.Bounds)).Where(n => !types.Contains(n) && !limits.Contains($" {n} {{ get; init; }}", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Names(string cell) => Name().Matches(cell).Select(static m => m.Groups["name"].Value);

    [GeneratedRegex(@"`(?<name>\w+)`", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Name();
}
