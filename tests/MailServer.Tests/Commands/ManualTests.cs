using System.Diagnostics;
using MailServer.Commands;
using MailServer.Commands.Manual;

namespace MailServer.Tests.Commands;

/// <summary>Manual pages and shell completion have every command, argument and option that the command tree has.</summary>
[Trait("Speed", "Slow")]
public sealed class ManualTests : IDisposable
{
    private readonly CommandRunner _runner = new();

    public static TheoryData<string> Runnable => [.. CommandTree.Runnable];

    public static TheoryData<string> Shells => [CompletionScripts.Bash, CompletionScripts.Zsh, CompletionScripts.Fish];

    public void Dispose() => _runner.Dispose();

    [Theory]
    [MemberData(nameof(Runnable))]
    public async Task The_manual_page_of_a_command_has_its_texts(string name)
    {
        var page = (await PagesAsync())[$"mailserver-{name.Split(' ')[0]}.1"];
        var command = CommandTree.All[name];
        Assert.Contains($"mailserver {name}", page, StringComparison.Ordinal);
        Assert.Contains(Flat(command.Description!), page, StringComparison.Ordinal);
        foreach (var argument in command.Arguments)
        {
            Assert.Contains($".B {argument.Name}\n", page, StringComparison.Ordinal);
            Assert.Contains(Flat(argument.Description!), page, StringComparison.Ordinal);
        }

        foreach (var option in command.Options.Where(static o => !o.Hidden && o.Name is not "--help" and not "--version"))
        {
            Assert.Matches($@"\.B (\S+, )*{option.Name}\b", page);
            Assert.Contains(Flat(option.Description!), page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_overview_page_has_the_groups_and_lines_of_the_help()
    {
        var page = (await PagesAsync())["mailserver.1"];
        var commands = page[(page.IndexOf(".SH COMMANDS\n", StringComparison.Ordinal) + ".SH COMMANDS\n".Length)..page.IndexOf(".SH OPTIONS\n", StringComparison.Ordinal)];
        var expected = string.Concat(CommandLine.Groups.Select(static g => $".SS {g.Title}\n" + string.Concat(g.Commands.Select(static c => $".TP\n.B {c.Name}\n{CommandGroup.SummaryOf(c)}.\n"))));
        Assert.Equal(expected, commands);
        Assert.All(CommandLine.Groups.SelectMany(static g => g.Commands), c => Assert.Contains($"mailserver-{c.Name}(1)", page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_help_command_prints_the_help_of_every_command()
    {
        foreach (var name in CommandTree.All.Keys)
        {
            var words = name.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var help = await _runner.RunExactlyAsync("", [.. words, "--help"]);
            Assert.Equal(help, await _runner.RunExactlyAsync("", ["help", .. words]));
            Assert.Equal(0, help.Code);
        }

        Assert.Equal("mailserver: unknown command 'usr'; did you mean 'user'? see 'mailserver help --help'", await _runner.FailedAsync(2, "help", "usr"));
    }

    [Fact]
    public async Task An_abbreviated_command_is_refused_with_a_suggestion()
    {
        Assert.Equal("mailserver: unknown command 'ad'; did you mean 'add'? see 'mailserver user --help'", await _runner.FailedAsync(2, "user", "ad", "bob@example.org"));
        Assert.Equal("mailserver: unknown command 'usr'; did you mean 'user'? see 'mailserver --help'", await _runner.FailedAsync(2, "usr", "add", "bob@example.org", "--password", "x"));
    }

    [Fact]
    public async Task Bash_completes_every_command_with_its_subcommands_and_options()
    {
        var outlines = CommandOutline.All(CommandLine.Commands).ToArray();
        var completion = await ScriptAsync(CompletionScripts.Bash);
        var script = completion + """
            at() { COMP_WORDS=(mailserver "$@" ""); COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )); _mailserver; echo "$*: ${COMPREPLY[*]}"; }
            folder=$(mktemp -d)
            trap 'rm -rf "$folder"' EXIT
            cd "$folder"

            """ + string.Concat(outlines.Select(static o => $"at {o.Path}\n")) + "COMP_WORDS=(mailserver us); COMP_CWORD=1; _mailserver; echo \"us: ${COMPREPLY[*]}\"\n"
            + "touch example.yaml; COMP_WORDS=(mailserver --config ex); COMP_CWORD=2; _mailserver; echo \"ex: ${COMPREPLY[*]}\"\nCOMP_WORDS=(mailserver user add --config x bob@example.org --all); COMP_CWORD=6; _mailserver; echo \"later: ${COMPREPLY[*]}\"\n";
        var expected = outlines.Select(static o => $"{o.Path}: {string.Join(' ', o.Children.Select(static c => c.Name).Concat(o.Options.Select(static p => p.Name)))}");
        var printed = await RunAsync("bash", script);
        Assert.Equal([.. expected, "us: user", "ex: example.yaml", "later: --allow-weak-password"], printed);
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task A_completion_script_has_every_command_and_option(string shell)
    {
        var script = await ScriptAsync(shell);
        foreach (var outline in CommandOutline.All(CommandLine.Commands))
        {
            Assert.Contains($" {outline.Path}", script, StringComparison.Ordinal);
            var line = script.Split('\n').Where(l => l.Contains(shell == CompletionScripts.Fish ? $"__mailserver_at '{Key(outline)}'" : $"\"{Key(outline)}\") ", StringComparison.Ordinal)).ToArray();
            Assert.NotEmpty(line);
            Assert.All(outline.Children, c => Assert.Contains(line, l => l.Contains(c.Name, StringComparison.Ordinal)));
            Assert.All(outline.Options, o => Assert.Contains(line, l => l.Contains(shell == CompletionScripts.Fish ? $"-l {o.Name[2..]}" : o.Name, StringComparison.Ordinal)));
        }
    }

    private static string Key(CommandOutline outline) => outline.Path.Length == 0 ? "" : " " + outline.Path;

    private async Task<string> ScriptAsync(string shell) => (await _runner.RunExactlyAsync("", ["completion", shell])) is { Code: 0, Error: "" } run ? run.Out : throw new InvalidOperationException("no script");

    private async Task<Dictionary<string, string>> PagesAsync()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_runner.Folder, "man")).FullName;
        await _runner.DoneAsync("man", folder);
        return Directory.EnumerateFiles(folder).ToDictionary(static f => Path.GetFileName(f), static f => Plain(File.ReadAllText(f)), StringComparer.Ordinal);
    }

    private static string Plain(string roff) => roff.Replace("\\-", "-", StringComparison.Ordinal).Replace("\\&", "", StringComparison.Ordinal).Replace("\\e", "\\", StringComparison.Ordinal);

    private static string Flat(string text) => text.Replace("\n", " ", StringComparison.Ordinal);

    private static async Task<string[]> RunAsync(string program, string script)
    {
        using var process = Process.Start(new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.WriteAsync(script);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
