using System.CommandLine;
using System.Text.RegularExpressions;
using MailServer.Architecture.Tests;

namespace MailServer.Tests.Documentation;

/// <summary>Every command line in a document, in a message of the program and in a comment of a shipped file is one that the program understands.</summary>
public sealed partial class DocumentedCommandsTests
{
    private const string Program = "mailserver";

    [Fact]
    public void Every_command_line_in_a_code_block_is_understood()
    {
        var found = Blocks().Select(static c => (c.Where, Error: FindError(c.Words))).Where(static c => c.Error is not null).Select(static c => $"{c.Where}: {c.Error}");
        Violations.AssertNone(found);
        Assert.True(Blocks().Count() > 200, "the documents have fewer command lines than they had");
    }

    [Fact]
    public void Every_command_that_a_text_mentions_exists_with_its_options() => Violations.AssertNone(
        MarkdownDocument.All.Where(static d => d.File != "CHANGELOG.md").SelectMany(static d => d.Spans).Select(static s => (Where: $"{s.File}:{s.Line}", s.Text)).Concat(Messages())
            .Select(static m => (m.Where, m.Text, Error: FindMention(m.Text))).Where(static m => m.Error is not null).Select(static m => $"{m.Where}: '{m.Text}': {m.Error}"));

    [Fact]
    public void Every_script_in_a_code_block_exists_with_its_options()
    {
        var found = new List<string>();
        foreach (var (where, words) in MarkdownDocument.All.SelectMany(static d => d.Blocks).Where(IsShell).SelectMany(Lines))
        {
            if (words.Length == 0 || !Script().IsMatch(words[0])) continue;
            var script = words[0].TrimStart('.', '/');
            script = words[0].StartsWith(".ci", StringComparison.Ordinal) ? words[0] : script;
            if (!SourceTree.TrackedFiles.Contains(script)) found.Add($"{where}: there is no {words[0]}");
            else if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(Path.Combine(SourceTree.Root, script)) & UnixFileMode.UserExecute) == 0) found.Add($"{where}: {words[0]} cannot be executed");
            else found.AddRange(words.Where(w => w.StartsWith("--", StringComparison.Ordinal) && !SourceTree.Read(script).Contains(w.Split('=')[0], StringComparison.Ordinal)).Select(w => $"{where}: {words[0]} has no {w}"));
        }

        Violations.AssertNone(found);
    }

    [Theory]
    [InlineData("mailserver dns example.org", false)]
    [InlineData("mailserver dns records example.org --format table", true)]
    [InlineData("read -rsp 'x: ' p; mailserver user add ann@example.org --password-stdin <<<\"$p\"", true)]
    [InlineData("sudo mailserver user list | head", true)]
    [InlineData("docker compose run --rm mail user add ann@example.org", true)]
    [InlineData("docker compose exec mail /opt/mailserver/mailserver queue lst", false)]
    [InlineData("mailserver queue hold --everything", false)]
    public void The_check_of_command_lines_finds_what_it_is_for(string line, bool isRight) =>
        Assert.Equal(isRight, ShellText.Commands(line).Select(static c => ProgramArguments(c.Words)).OfType<string[]>().All(static a => FindError(a) is null));

    [Theory]
    [InlineData("mailserver dns", false)]
    [InlineData("mailserver queue retry", true)]
    [InlineData("mailserver dkim generate example.org", false)]
    [InlineData("mailserver dkim generate --domain X", true)]
    [InlineData("mailserver user admin grant|revoke|list", true)]
    [InlineData("user frobnicate", false)]
    [InlineData("check --repair", true)]
    [InlineData("queue list --nonsense", false)]
    [InlineData("status", true)]
    public void The_check_of_mentions_finds_what_it_is_for(string text, bool isRight) => Assert.Equal(isRight, FindMention(text) is null);

    private static IEnumerable<(string Where, string[] Words)> Blocks() =>
        MarkdownDocument.All.Where(static d => d.File != "CHANGELOG.md").SelectMany(static d => d.Blocks).Where(IsShell).SelectMany(Lines)
            .Select(static l => (l.Where, Words: ProgramArguments(l.Words)!)).Where(static l => l.Words is not null);

    /// <summary>Whether a block may have commands; a synopsis is none.</summary>
    private static bool IsShell(MarkdownCode block) => (block.Info.Length == 0 && !block.File.StartsWith("docs/reference/", StringComparison.Ordinal)) || block.Info.Split(' ')[0] is "sh" or "console" or "bash";

    private static IEnumerable<(string Where, string[] Words)> Lines(MarkdownCode block) => ShellText.Commands(block.Text).Select(c => ($"{block.File}:{block.Line + c.Line - 1}", c.Words));

    /// <summary>The arguments of this program in a command; null for any other program.</summary>
    private static string[]? ProgramArguments(string[] words)
    {
        if (words is ["docker", "compose", "run" or "exec", .. var rest] && Array.IndexOf(rest, "mail") is >= 0 and var service)
        {
            var inside = rest[(service + 1)..];
            return words[2] == "run" ? inside : inside is ["/opt/mailserver/mailserver", .. var executed] ? executed : null;
        }

        return words.Length > 0 && Path.GetFileName(words[0]) == Program && words[0] is Program or "/usr/bin/mailserver" or "/opt/mailserver/mailserver" ? words[1..] : null;
    }

    private static string? FindError(string[] arguments) => CommandLine.FindUsageError([.. arguments.Select(static a => a == "N" ? "1" : a)]);

    /// <summary>What is wrong with a command that a text mentions, perhaps without its arguments and with alternatives; null if nothing is, or if it is no command.</summary>
    private static string? FindMention(string text)
    {
        var hasName = text.StartsWith(Program + " ", StringComparison.Ordinal);
        var words = (hasName ? text[(Program.Length + 1)..] : text).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || words[0] is "COMMAND" or "--help" or "--version" or "…" or "...") return null;
        if (!hasName && IsProse(words)) return null;
        Command at = CommandLine.Commands;
        var (used, options) = (0, at.Options.ToList());
        foreach (var word in words.TakeWhile(static w => w is not ("…" or "..." or "|" or "<")))
        {
            var alternatives = word.TrimEnd(',', ';').Split('|', '/');
            if (word[0] == '-' || at.Subcommands.Count == 0) break;
            if (Find(at, alternatives[0]) is not { } next)
            {
                if (at.Action is not null || word is "COMMAND" or "SUBCOMMAND") break;
                return $"no command '{alternatives[0]}' in '{(at is RootCommand ? Program : at.Name)}'";
            }

            if (alternatives.FirstOrDefault(a => Find(at, a) is null) is { } unknown) return $"no command '{unknown}'";
            (at, used) = (next, used + 1);
            options.AddRange(at.Options);
        }

        if (at.Arguments.Count == 0 && at.Subcommands.Count == 0 && words.Skip(used).FirstOrDefault() is { } extra && (extra[0] == 'X' || extra.Contains('.', StringComparison.Ordinal))) return $"'{at.Name}' takes no argument '{extra}'";
        if (at.Action is null && used == words.Length) return $"'{at.Name}' does nothing without a subcommand";
        return FindStrayOption(words.Skip(used), options) is { } stray ? $"'{at.Name}' has no {stray}" : null;
    }

    /// <summary>Whether a text is prose that begins with the name of a command: one word alone, or one before anything but a subcommand.</summary>
    private static bool IsProse(string[] words) =>
        words.Length == 1 || Find(CommandLine.Commands, words[0]) is not { Subcommands.Count: > 0 } group || !Word().IsMatch(words[1]) || group.Arguments.Count > 0;

    private static string? FindStrayOption(IEnumerable<string> words, List<Option> options) =>
        words.Where(static w => LongOption().IsMatch(w)).Select(static w => w.Split('=')[0].TrimEnd(',')).FirstOrDefault(w => !options.Exists(o => o.Name == w || o.Aliases.Contains(w)));

    private static Command? Find(Command command, string name) => command.Subcommands.FirstOrDefault(c => c.Name == name);

    /// <summary>The commands in the texts of the program, quoted with apostrophes, and in the comments of shipped files.</summary>
    private static IEnumerable<(string Where, string Text)> Messages() =>
        SourceTree.TrackedFiles.Where(static f => (f.StartsWith("src/", StringComparison.Ordinal) && (f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal))) || f.StartsWith("deploy/", StringComparison.Ordinal) || f.StartsWith("configs/", StringComparison.Ordinal))
            .SelectMany(static f => SourceTree.ReadLines(f).SelectMany((line, i) => Quoted().Matches(line).Select(m => ($"{f}:{i + 1}", Interpolation().Replace(m.Groups["text"].Value, "X")))));

    [GeneratedRegex(@"^(\./)?(tests|deploy|\.ci)/[\w./-]+$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Script();

    [GeneratedRegex(@"(?<!\w)['`](?<text>mailserver [a-z][^'`""]*)['`]", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\{[^{}]*\}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Interpolation();

    [GeneratedRegex("^[a-z][a-z-]+$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Word();

    [GeneratedRegex("^--[a-z]", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex LongOption();
}
