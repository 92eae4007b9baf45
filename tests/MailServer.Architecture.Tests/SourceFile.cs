using System.Text.RegularExpressions;

namespace MailServer.Architecture.Tests;

/// <summary>The names that a source file (<c>.cs</c> or <c>.razor</c>) declares and uses, read from its text.</summary>
public sealed partial class SourceFile
{
    private readonly HashSet<string> _words;
    private readonly HashSet<string> _calls;

    private SourceFile(string path, string text)
    {
        Path = path;
        Namespace = string.Join('.', path.Split('/')[1..^1]);
        Usings = [.. Using().Matches(text).Select(static m => m.Groups["name"].Value)];
        var code = Using().Replace(NamespaceLine().Replace(WithoutCommentsAndTexts(text), ""), "");
        _words = [.. Word().Matches(code).Select(static m => m.Value)];
        _calls = [.. Call().Matches(code).Select(static m => m.Groups["name"].Value)];
        QualifiedNames = [.. Qualified().Matches(code).Select(static m => m.Value).Distinct(StringComparer.Ordinal)];
        Types = IsRazor ? [System.IO.Path.GetFileNameWithoutExtension(path)] : [.. Declaration().Matches(code).Select(static m => m.Groups["name"].Value).Distinct(StringComparer.Ordinal)];
        Extensions = [.. Extension().Matches(code).Select(static m => m.Groups["name"].Value).Distinct(StringComparer.Ordinal)];
    }

    public string Path { get; }

    public string Project => Path.Split('/')[1];

    /// <summary>By its folder; another test checks that the file says the same.</summary>
    public string Namespace { get; }

    /// <summary>Namespaces, and types after <c>using static</c> and <c>using X =</c>.</summary>
    public IReadOnlyList<string> Usings { get; }

    /// <summary>Such as <c>Queue.QueueProtocol</c>; also members of types and properties.</summary>
    public IReadOnlyList<string> QualifiedNames { get; }

    /// <summary>The types that it declares, without nested ones.</summary>
    public IReadOnlyList<string> Types { get; }

    /// <summary>The extension methods that it declares.</summary>
    public IReadOnlyList<string> Extensions { get; }

    public bool IsRazor => Path.EndsWith(".razor", StringComparison.Ordinal);

    /// <summary>Every source file under src.</summary>
    public static IReadOnlyList<SourceFile> All { get; } =
    [
        .. SourceTree.TrackedFiles
            .Where(static f => f.StartsWith("src/", StringComparison.Ordinal) && (f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal)))
            .Select(static f => new SourceFile(f, SourceTree.Read(f))),
    ];

    public static SourceFile Parse(string path, string text) => new(path, text);

    /// <summary>Whether it uses a type by its bare name.</summary>
    public bool Names(string type) => _words.Contains(type);

    /// <summary>Whether it calls an extension method of this name, or a method that is called the same.</summary>
    public bool Calls(string method) => _calls.Contains(method);

    /// <summary>Comments go, and texts but for the code in their holes.</summary>
    private static string WithoutCommentsAndTexts(string text) => CommentOrText().Replace(
        text, static m => m.Groups["filled"].Success ? string.Join(' ', Hole().Matches(m.Value).Select(static h => h.Value)) : " ");

    [GeneratedRegex("""^@?using (static )?(\w+ = )?(?<name>[A-Z][\w.]*);?[ \t]*\r?$""", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex Using();

    [GeneratedRegex("""^namespace [\w.]+;""", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(
        """"
        (?<filled>\$+"""[\s\S]*?""")|"""[\s\S]*?"""|//[^\n]*|/\*[\s\S]*?\*/|@\*[\s\S]*?\*@|(?<filled>\$@?"(\{\{|\}\}|\{[^{}"]*("(\\.|[^"\\])*"[^{}"]*)*\}|\\.|[^"\\{}])*")|@"(""|[^"])*"|"(\\.|[^"\\\n])*"|'(\\.|[^'\\\n])+'
        """", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex CommentOrText();

    [GeneratedRegex("""\{[^{}]*\}""", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex Hole();

    [GeneratedRegex("""(?<![\w.])[A-Z]\w*""", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex Word();

    [GeneratedRegex("""\.(?<name>[A-Z]\w*)(<[^()<>]*>)?\(""", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex Call();

    [GeneratedRegex("""(?<![\w.])[A-Z]\w*(\.[A-Z]\w*)+""", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex Qualified();

    [GeneratedRegex(
        """^((public|internal|file|static|sealed|abstract|partial|readonly|ref|unsafe) )*(class|interface|enum|record struct|record class|record|struct|delegate [^(]*?) ?(?<=\s)(?<name>[A-Z]\w*)(?=[\s<({:;]|$)""",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex Declaration();

    [GeneratedRegex("""\b(?<name>[A-Z]\w*)(<[^()]*>)?\(this """, RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex Extension();
}
