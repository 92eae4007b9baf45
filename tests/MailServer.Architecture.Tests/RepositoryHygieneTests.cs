using System.Text.RegularExpressions;

namespace MailServer.Architecture.Tests;

/// <summary>Rules for the files of the repository.</summary>
public sealed partial class RepositoryHygieneTests
{
    [Fact]
    public void No_source_file_has_more_than_400_lines()
    {
        var tooLong = SourceTree.SourceFiles.Select(f => (File: f, Lines: SourceTree.ReadLines(f).Length)).Where(f => f.Lines > 400).Select(f => $"{f.File}: {f.Lines} lines");
        Violations.AssertNone(tooLong);
    }

    [Fact]
    public void Namespaces_follow_folders()
    {
        var strays = SourceTree.SourceFiles
            .Select(f => (File: f, Namespace: FileNamespace().Match(SourceTree.Read(f)).Groups["name"].Value))
            .Where(f => f.Namespace.Length > 0 && f.Namespace != Expected(f.File))
            .Select(f => $"{f.File}: {f.Namespace} instead of {Expected(f.File)}");
        Violations.AssertNone(strays);
    }

    [Fact]
    public void No_tracked_file_contains_a_local_machine_path()
    {
        var found = TextFiles().SelectMany(f => SourceTree.ReadLines(f).Select((line, i) => (File: f, Number: i + 1, Line: line)))
            .Where(l => MachinePath().IsMatch(l.Line))
            .Select(l => $"{l.File}:{l.Number}: {l.Line.Trim()}");
        Violations.AssertNone(found);
    }

    /// <summary>VTODO is a calendar component, not a mark.</summary>
    private static bool HasWord(string text, string mark)
    {
        for (var at = text.IndexOf(mark, StringComparison.Ordinal); at >= 0; at = text.IndexOf(mark, at + 1, StringComparison.Ordinal))
            if (at == 0 || !char.IsLetter(text[at - 1])) return true;
        return false;
    }

    [Fact]
    public void No_warnings_are_suppressed_and_no_work_is_left_unfinished()
    {
        string[] marks = ["#pragma " + "warning", "NotImplemented" + "Exception", "TO" + "DO", "FIX" + "ME", "#" + "region", "Fact(" + "Skip"];
        var found = SourceTree.TrackedFiles.Where(f => f.EndsWith(".cs", StringComparison.Ordinal))
            .SelectMany(f => marks.Where(m => HasWord(SourceTree.Read(f), m)).Select(m => $"{f}: {m}"));
        Violations.AssertNone(found);
    }

    /// <summary>xunit 2 disposes a test class that is <c>IDisposable</c> or <c>IAsyncLifetime</c>; what any other class owns would stay.</summary>
    [Fact]
    public void Test_classes_are_disposed_by_xunit() => Violations.AssertNone(
        SourceTree.TrackedFiles.Where(static f => f.StartsWith("tests/", StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal)).Select(static f => (File: f, Text: SourceTree.Read(f)))
            .Where(static f => TestMethod().IsMatch(f.Text) && AsyncDisposableClass().IsMatch(f.Text)).Select(static f => f.File));

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = SourceTree.Read("MailServer.sln").Replace('\\', '/');
        Assert.All(
            SourceTree.TrackedFiles.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal)),
            f => Assert.Contains(f, solution, StringComparison.Ordinal));
    }

    [Fact]
    public void Links_between_documents_resolve()
    {
        var dead = SourceTree.TrackedFiles.Where(f => f.EndsWith(".md", StringComparison.Ordinal))
            .SelectMany(f => Link().Matches(SourceTree.Read(f)).Select(m => (File: f, Target: m.Groups["target"].Value)))
            .Where(l => !Path.Exists(Path.Combine(SourceTree.Root, Path.GetDirectoryName(l.File)!, l.Target)))
            .Select(l => $"{l.File} -> {l.Target}");
        Violations.AssertNone(dead);
    }

    private static IEnumerable<string> TextFiles() =>
        SourceTree.TrackedFiles.Where(f => !f.EndsWith(".eml", StringComparison.Ordinal) && !f.EndsWith(".transcript", StringComparison.Ordinal) && !f.EndsWith(".png", StringComparison.Ordinal));

    private static string Expected(string file)
    {
        var parts = file.Split('/')[1..^1];
        return string.Join('.', parts);
    }

    [GeneratedRegex(@"^namespace (?<name>[A-Za-z0-9_.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex FileNamespace();

    [GeneratedRegex(@"(^|[^A-Za-z0-9_.$}])/(work|root|home|Users)/[a-z.]", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"^    \[\w*(Fact|Theory)\b", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex TestMethod();

    [GeneratedRegex(@"^public [\w ]*class \w+[^{]*\bIAsyncDisposable\b", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex AsyncDisposableClass();

    [GeneratedRegex(@"\]\((?!https?:|mailto:|#)(?<target>[^)#\s]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Link();
}
