using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace MailServer.Architecture.Tests;

/// <summary>The folders of a project are layers. What each of them uses is written in <c>docs/architecture.md</c>, and nothing else is used.</summary>
public sealed partial class FolderOrderTests
{
    private const string Document = "docs/architecture.md";
    private const string Nothing = "nothing";

    private static readonly ConcurrentDictionary<string, FolderGraph> Graphs = new(StringComparer.Ordinal);

    public static TheoryData<string> Folders => [.. Bases()];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Folders_do_not_use_each_other_in_a_circle(string folder) => Assert.Empty(GraphOf(folder).Knots().Select(static k => string.Join(' ', k)));

    [Theory]
    [MemberData(nameof(Folders))]
    public void What_a_folder_uses_is_written_in_the_architecture(string folder)
    {
        var graph = GraphOf(folder);
        if (graph.Knots().Count > 0) return;
        var written = Drawing(folder);
        var found = graph.Folders.Where(f => !written.ContainsKey(f)).Select(f => $"{folder}: '{f}' is missing in {Document}")
            .Concat(written.Keys.Except(graph.Folders, StringComparer.Ordinal).Select(f => $"{folder}: '{f}' is in {Document}, and there is no such folder"))
            .Concat(graph.Folders.SelectMany(f => graph.UsedBy(f).Except(written.GetValueOrDefault(f, []), StringComparer.Ordinal).Select(u => $"{folder}: '{f}' uses '{u}' in {graph.Witness(f, u)}")))
            .Concat(written.SelectMany(w => w.Value.Except(graph.UsedBy(w.Key), StringComparer.Ordinal).Select(u => $"{folder}: '{w.Key}' does not use '{u}', as {Document} says")))
            .ToList();
        Assert.True(found.Count == 0, string.Join('\n', found) + "\n\nThe section as it should be, if these edges are wanted:\n\n" + Draw(folder, graph));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void The_architecture_lists_a_folder_after_those_that_it_uses(string folder)
    {
        var above = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, uses) in Drawing(folder))
        {
            Assert.Empty(uses.Except(above, StringComparer.Ordinal));
            above.Add(name);
        }
    }

    [Fact]
    public void The_architecture_draws_no_folder_that_does_not_exist() =>
        Assert.Empty(Heading().Matches(SourceTree.Read(Document)).Select(static m => m.Groups["name"].Value).Except(Bases().Select(Title), StringComparer.Ordinal));

    [Fact]
    public void Edges_are_found_by_usings_by_qualified_names_and_by_names_of_the_folder_above()
    {
        SourceFile[] files =
        [
            SourceFile.Parse("src/P/Top.cs", "using P.B;\nnamespace P;\npublic static class Top { public static void Go(this int i) { } }"),
            SourceFile.Parse("src/P/A/One.cs", "namespace P.A;\n/// <see cref=\"P.D.Four\"/>\npublic sealed record One(B.Two Two); // P.D.Four"),
            SourceFile.Parse("src/P/B/Two.cs", "using static P.C.Three;\nnamespace P.B;\npublic sealed record Two(string Text = \"P.D.Four\");"),
            SourceFile.Parse("src/P/C/Three.cs", "namespace P.C;\npublic static class Three { public static string Say() => $\"{P.D.Four.Text}\"; }"),
            SourceFile.Parse("src/P/D/Four.cs", "namespace P.D;\npublic static class Four { public static void Run() => 1.Go(); }"),
            SourceFile.Parse("src/P/E/Five.cs", "using Alias = P.D.Four;\nnamespace P.E;\npublic delegate int Five(Top top);"),
            SourceFile.Parse("src/P/F/Six.razor", "@* P.D.Four *@\n<Five />"),
            SourceFile.Parse("src/P/F/_Imports.razor", "@using P.E"),
            SourceFile.Parse("src/P/_Imports.razor", "@using P.F"),
        ];
        var graph = new FolderGraph("P", files);
        Assert.Equal(["B"], graph.UsedBy(FolderGraph.Root));
        Assert.Equal(["B"], graph.UsedBy("A"));
        Assert.Equal(["C"], graph.UsedBy("B"));
        Assert.Equal(["D"], graph.UsedBy("C"));
        Assert.Equal([FolderGraph.Root], graph.UsedBy("D"));
        Assert.Equal([FolderGraph.Root, "D"], graph.UsedBy("E"));
        Assert.Equal(["E"], graph.UsedBy("F"));
        Assert.Equal([FolderGraph.Root, "B", "C", "D"], Assert.Single(graph.Knots()));
    }

    private static FolderGraph GraphOf(string folder) => Graphs.GetOrAdd(folder, static folder =>
    {
        var project = SourceFile.All.Select(static f => f.Project).Where(p => $"{folder}.".StartsWith($"{p}.", StringComparison.Ordinal)).MaxBy(static p => p.Length);
        return new FolderGraph(folder, [.. SourceFile.All.Where(f => f.Project == project)]);
    });

    /// <summary>The projects, and their folders that have folders.</summary>
    private static List<string> Bases()
    {
        var namespaces = SourceFile.All.Select(static f => (f.Project, f.Namespace)).Distinct().ToList();
        var deeper = namespaces.Select(static n => (n.Project, Below: n.Namespace[n.Project.Length..].Split('.', StringSplitOptions.RemoveEmptyEntries)))
            .Where(static n => n.Below.Length > 1).Select(static n => $"{n.Project}.{n.Below[0]}");
        return [.. namespaces.Select(static n => n.Project).Concat(deeper).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>What stands under the heading of a folder: each of its folders with those that it may use, in the order of the lines.</summary>
    private static Dictionary<string, string[]> Drawing(string folder)
    {
        var lines = SourceTree.ReadLines(Document).SkipWhile(l => l != $"### {Title(folder)}").Skip(1).TakeWhile(static l => !l.StartsWith('#'));
        return lines.Select(static l => Line().Match(l)).Where(static m => m.Success).ToDictionary(
            static m => m.Groups["folder"].Value,
            static m => m.Groups["uses"].Value is Nothing ? [] : m.Groups["uses"].Value.Split(", "),
            StringComparer.Ordinal);
    }

    private static string Draw(string folder, FolderGraph graph) => $"### {Title(folder)}\n\n" + string.Concat(
        graph.Order().Select(f => $"- {f}: {(graph.UsedBy(f).Count == 0 ? Nothing : string.Join(", ", graph.UsedBy(f)))}\n"));

    private static string Title(string folder) => $"Folders of {folder}";

    [GeneratedRegex(@"^### (?<name>Folders of [\w.]+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^- (?<folder>[\w()]+): (?<uses>[\w(), ]+)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Line();
}
