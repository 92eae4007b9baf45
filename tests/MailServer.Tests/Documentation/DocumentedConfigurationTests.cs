using System.Collections;
using System.Text.RegularExpressions;
using MailServer.Architecture.Tests;
using MailServer.Configuration;

namespace MailServer.Tests.Documentation;

/// <summary>Every configuration and every key in a document, a message and a shipped file is one that the server accepts.</summary>
public sealed partial class DocumentedConfigurationTests
{
    /// <summary>Files in the data directory, whose names look like keys.</summary>
    private static readonly string[] FileEndings = ["db", "key", "sock", "md", "cs", "conf", "yaml", "example", "service", "socket", "damaged"];

    [Fact]
    public void Every_configuration_in_a_code_block_is_valid()
    {
        var blocks = MarkdownDocument.All.SelectMany(static d => d.Blocks).Where(static b => b.Info == "yaml").ToArray();
        Assert.NotEmpty(blocks);
        Violations.AssertNone(blocks.SelectMany(static b => Parse(b.Text).Where(static p => !p.IsWarning).Select(p => $"{b.File}:{b.Line + Math.Max(p.Line, 1) - 1}: {p.Key} {p.Text}")));
    }

    [Fact]
    public void Every_key_that_a_text_mentions_exists_and_takes_the_value_beside_it()
    {
        var spans = MarkdownDocument.All.Where(static d => d.File != "CHANGELOG.md").SelectMany(static d => d.Spans).Select(static s => (Where: $"{s.File}:{s.Line}", s.Text));
        Violations.AssertNone(spans.Concat(Messages()).Select(static s => (s.Where, s.Text, Error: FindError(s.Text))).Where(static s => s.Error is not null).Select(static s => $"{s.Where}: '{s.Text}': {s.Error}"));
    }

    [Fact]
    public void Every_environment_variable_of_a_key_exists() => Violations.AssertNone(
        MarkdownDocument.All.Select(static d => d.File).Concat(SourceTree.TrackedFiles.Where(static f => f.StartsWith("deploy/", StringComparison.Ordinal) || f.StartsWith("configs/", StringComparison.Ordinal) || f == "docker-compose.yml"))
            .SelectMany(static f => Variable().Matches(SourceTree.Read(f)).Select(m => (File: f, Name: m.Value)))
            .Where(static v => !Exists(v.Name["MAILSERVER_".Length..].Replace("__", ".", StringComparison.Ordinal).ToLowerInvariant()))
            .Select(static v => $"{v.File}: {v.Name}"));

    [Theory]
    [InlineData("security.ban_after", true)]
    [InlineData("security.ban_afte", false)]
    [InlineData("admin.tls: true", true)]
    [InlineData("admin.tls: maybe", false)]
    [InlineData("reports.db", true)]
    [InlineData("delivery.routes", true)]
    public void The_check_of_keys_finds_what_it_is_for(string text, bool isRight) => Assert.Equal(isRight, FindError(text) is null);

    private static string? FindError(string text)
    {
        if (Mention().Match(text) is not { Success: true } mention) return null;
        var (section, key, value) = (mention.Groups["section"].Value, mention.Groups["key"].Value, mention.Groups["value"].Value);
        if (FileEndings.Contains(key, StringComparer.Ordinal)) return null;
        if (!Exists($"{section}.{key}")) return "no such key";
        return value.Length == 0 ? null : Parse($"{section}:\n  {key}: {value}\n").FirstOrDefault(p => p.Line == 2 && p.Text.Contains(" is not ", StringComparison.Ordinal))?.Text;
    }

    private static bool Exists(string path) =>
        path.Split('.') is [var section, var key, ..] && (section == ConfigurationKeys.Domains
            ? ConfigurationKeys.Domain.Any(k => path.EndsWith("." + k.Name, StringComparison.Ordinal))
            : ConfigurationKeys.Sections.TryGetValue(section, out var known) && known.KeyNames.Contains(key, StringComparer.Ordinal));

    private static IReadOnlyList<ConfigurationProblem> Parse(string text) => ConfigurationLoader.Parse(text, "document", new Hashtable()).Problems;

    /// <summary>The keys that messages of the program name.</summary>
    private static IEnumerable<(string Where, string Text)> Messages() => SourceTree.SourceFiles
        .SelectMany(static f => SourceTree.ReadLines(f).SelectMany((line, i) => Literal().Matches(line).SelectMany(m => Key().Matches(m.Value)).Select(m => ($"{f}:{i + 1}", m.Value))));

    [GeneratedRegex(@"^(?<section>server|tls|storage|domains|security|logging|delivery|queue|reports|admin|dns|push|cluster)\.(?<key>[a-z][a-z0-9_]*)(: (?<value>[^…]+))?$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Mention();

    [GeneratedRegex(@"\bMAILSERVER_[A-Z]+__[A-Z0-9_]+\b", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Variable();

    [GeneratedRegex("\"[^\"]*\"", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Literal();

    // With an underscore: "queue.show" and the like are names of other things.
    [GeneratedRegex(@"(?<![\w./-])(server|tls|storage|security|logging|delivery|queue|reports|admin|dns|push|cluster)\.[a-z0-9]+_[a-z0-9_]+(?![\w/-])", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Key();
}
