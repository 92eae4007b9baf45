using System.Text;
using System.Text.RegularExpressions;
using MailServer.Architecture.Tests;

namespace MailServer.Tests.Documentation;

/// <summary>A piece of code in a document: a block, or a span between backticks.</summary>
/// <param name="File">The document.</param>
/// <param name="Line">The number of its first line.</param>
/// <param name="Info">What stands after the fence; empty for an indented block and a span.</param>
/// <param name="Text">The code.</param>
internal sealed record MarkdownCode(string File, int Line, string Info, string Text);

/// <summary>A tracked Markdown file, parsed as far as the tests of the documentation need it.</summary>
internal sealed partial class MarkdownDocument
{
    private const string Indent = "    ";

    private MarkdownDocument(string file)
    {
        File = file;
        Parse(SourceTree.ReadLines(file));
    }

    /// <summary>Every document of the repository.</summary>
    public static IReadOnlyList<MarkdownDocument> All { get; } = [.. SourceTree.TrackedFiles.Where(static f => f.EndsWith(".md", StringComparison.Ordinal)).Select(static f => new MarkdownDocument(f))];

    public string File { get; }

    public List<MarkdownCode> Blocks { get; } = [];

    public List<MarkdownCode> Spans { get; } = [];

    /// <summary>Targets of links and images.</summary>
    public List<(int Line, string Target)> Links { get; } = [];

    /// <summary>The anchors of the headings.</summary>
    public HashSet<string> Anchors { get; } = new(StringComparer.Ordinal);

    public override string ToString() => File;

    private void Parse(string[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal)) i = ReadFence(lines, i);
            else if (line.StartsWith(Indent, StringComparison.Ordinal) && IsBlockStart(lines, i)) i = ReadIndented(lines, i);
            else ReadText(line, i + 1);
        }
    }

    private int ReadFence(string[] lines, int start)
    {
        var margin = lines[start].Length - lines[start].TrimStart().Length;
        var text = new StringBuilder();
        var i = start + 1;
        for (; i < lines.Length && lines[i].Trim() != "```"; i++) text.Append(lines[i].Length >= margin ? lines[i][margin..] : lines[i]).Append('\n');
        Blocks.Add(new MarkdownCode(File, start + 2, lines[start].Trim()[3..].Trim(), text.ToString()));
        return i;
    }

    private int ReadIndented(string[] lines, int start)
    {
        var text = new StringBuilder();
        var i = start;
        for (; i < lines.Length && (lines[i].StartsWith(Indent, StringComparison.Ordinal) || lines[i].Length == 0); i++) text.Append(lines[i].Length == 0 ? "" : lines[i][Indent.Length..]).Append('\n');
        Blocks.Add(new MarkdownCode(File, start + 1, "", text.ToString()));
        return i - 1;
    }

    /// <summary>Whether an indented line begins a block: after an empty line, and not within a list.</summary>
    private static bool IsBlockStart(string[] lines, int at) =>
        at > 0 && lines[at - 1].Length == 0 && lines.Take(at).LastOrDefault(static l => l.Length > 0 && l[0] != ' ') is { } before && !ListItem().IsMatch(before);

    private void ReadText(string line, int number)
    {
        if (Heading().Match(line) is { Success: true } heading) Anchors.Add(Slug(heading.Groups["text"].Value));
        foreach (var span in Span().Matches(line).Select(static m => m.Groups["code"].Value.Trim())) Spans.Add(new MarkdownCode(File, number, "", span.Replace("\\|", "|", StringComparison.Ordinal)));
        foreach (Match link in Link().Matches(Span().Replace(line, "code"))) Links.Add((number, link.Groups["target"].Value));
    }

    /// <summary>The anchor that GitHub makes of a heading.</summary>
    private static string Slug(string heading) =>
        string.Concat(heading.ToLowerInvariant().Where(static c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex(@"^#+ (?<text>.*)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^([-*]|\d+\.) ", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex ListItem();

    [GeneratedRegex("(?<!`)`(?!`)(?<code>[^`]+)`", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Span();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Link();
}
