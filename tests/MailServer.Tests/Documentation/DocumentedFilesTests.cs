using System.Text.RegularExpressions;
using MailServer.Architecture.Tests;

namespace MailServer.Tests.Documentation;

/// <summary>Every link leads somewhere, every file that a document names exists, and every page is in the index.</summary>
public sealed partial class DocumentedFilesTests
{
    [Fact]
    public void Every_link_and_anchor_exists()
    {
        var documents = MarkdownDocument.All.ToDictionary(static d => d.File, StringComparer.Ordinal);
        var dead = new List<string>();
        foreach (var document in documents.Values)
        {
            foreach (var (line, target) in document.Links.Where(static l => !Elsewhere().IsMatch(l.Target)))
            {
                var (file, anchor) = target.Split('#') is [var f, var a] ? (f, a) : (target, "");
                var path = file.Length == 0 ? document.File : Relative(document.File, file);
                if (!Path.Exists(Path.Combine(SourceTree.Root, path))) dead.Add($"{document.File}:{line}: {target}");
                else if (anchor.Length > 0 && documents.TryGetValue(path, out var other) && !other.Anchors.Contains(anchor)) dead.Add($"{document.File}:{line}: {path} has no heading for #{anchor}");
            }
        }

        Violations.AssertNone(dead);
    }

    [Fact]
    public void Every_file_that_a_text_names_exists() => Violations.AssertNone(
        MarkdownDocument.All.Where(static d => d.File != "CHANGELOG.md").SelectMany(static d => d.Spans.Select(s => (Document: d, Code: s)))
            .Where(static s => !Exists(s.Document.File, s.Code.Text)).Select(static s => $"{s.Code.File}:{s.Code.Line}: {s.Code.Text}"));

    [Fact]
    public void Every_test_that_a_text_names_exists()
    {
        var names = SourceTree.TrackedFiles.Where(static f => f.StartsWith("tests/", StringComparison.Ordinal)).Select(static f => Path.GetFileNameWithoutExtension(f)).ToHashSet(StringComparer.Ordinal);
        Violations.AssertNone(MarkdownDocument.All.Where(static d => d.File != "CHANGELOG.md").SelectMany(static d => d.Spans).Where(s => TestName().IsMatch(s.Text) && !names.Contains(s.Text)).Select(static s => $"{s.File}:{s.Line}: {s.Text}"));
    }

    [Fact]
    public void Every_page_is_in_the_index()
    {
        var index = MarkdownDocument.All.Single(static d => d.File == "docs/README.md");
        var listed = index.Links.Select(l => Relative(index.File, l.Target.Split('#')[0])).ToHashSet(StringComparer.Ordinal);
        Violations.AssertNone(MarkdownDocument.All.Select(static d => d.File).Where(f => f.StartsWith("docs/", StringComparison.Ordinal) && f != index.File && !listed.Contains(f)));
    }

    /// <summary>Whether a text names no file of the repository, or one that exists: from the root, beside the document, or as the end of a path (<c>Domain/Limits.cs</c> is in MailServer.Domain).</summary>
    private static bool Exists(string document, string text)
    {
        var name = text.Split(' ')[0].TrimEnd('/');
        if (!FileName().IsMatch(name) || name[0] is '/' or '~' || name.Contains("://", StringComparison.Ordinal)) return true;
        var pattern = new Regex("(^|[/.])" + Regex.Escape(name).Replace(@"\*", "[^/]*", StringComparison.Ordinal) + "(\\.cs)?(/|$)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        return Path.Exists(Path.Combine(SourceTree.Root, Relative(document, name))) || SourceTree.TrackedFiles.Any(pattern.IsMatch);
    }

    private static string Relative(string document, string target) =>
        Path.GetRelativePath(SourceTree.Root, Path.GetFullPath(Path.Combine(SourceTree.Root, Path.GetDirectoryName(document)!, Uri.UnescapeDataString(target))));

    [GeneratedRegex("^(https?|mailto):", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Elsewhere();

    // Paths of the repository, and names whose endings belong to its files alone.
    [GeneratedRegex(@"^((\./)?(src|tests|docs|deploy|configs|hocon|\.ci)/[\w.*/-]+|[\w.*/-]+\.(cs|md|sh|csproj|transcript))$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex FileName();

    [GeneratedRegex("^[A-Z][A-Za-z0-9]+Tests$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex TestName();
}
