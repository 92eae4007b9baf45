using System.Text.RegularExpressions;

namespace MailServer.Architecture.Tests;

/// <summary>The walk through the code in <c>docs/architecture.md</c> names types and members that exist.</summary>
public sealed partial class NewcomersWalkTests
{
    private const string Document = "docs/architecture.md";

    public static TheoryData<string> Links => [.. Link().Matches(Section()).Select(static m => m.Value).Distinct()];

    [Theory]
    [MemberData(nameof(Links))]
    public void Every_link_leads_to_the_type_and_the_member_that_it_names(string link)
    {
        var (name, path) = (Link().Match(link).Groups["name"].Value, Link().Match(link).Groups["path"].Value);
        var (type, member) = name.Split('.') is [var t, var m] ? (t, m) : (name, null);
        Assert.Contains(path, SourceTree.TrackedFiles);
        var text = SourceTree.Read(path);
        Assert.Contains(type, SourceFile.Parse(path, text).Types);
        if (member is not null) Assert.Matches($@"(?m)^    (public|protected|internal|private)\b[^=;]*? {member}[(<]", text);
    }

    [Fact]
    public void Every_step_of_the_four_walks_names_its_code()
    {
        var walks = Section().Split("\n### ")[1..];
        Assert.Equal(4, walks.Length);
        foreach (var walk in walks)
        {
            var steps = Step().Split(walk)[1..];
            Assert.True(steps.Length >= 4, walk);
            Assert.All(steps, static step => Assert.Matches(Link(), step));
        }
    }

    private static string Section()
    {
        var text = SourceTree.Read(Document);
        var start = text.IndexOf("## A newcomer's walk\n", StringComparison.Ordinal);
        return text[start..text.IndexOf("\n## ", start, StringComparison.Ordinal)];
    }

    [GeneratedRegex(@"\[`(?<name>[\w.]+)`\]\(\.\./(?<path>[^)]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^\d+\. ", RegexOptions.Multiline)]
    private static partial Regex Step();
}
