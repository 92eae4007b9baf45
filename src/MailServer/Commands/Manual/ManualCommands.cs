using System.CommandLine;
using MailServer.Common;
using MailServer.Configuration;

namespace MailServer.Commands.Manual;

/// <summary><c>help</c>, <c>completion</c> and <c>man</c>.</summary>
/// <param name="factory">Creates the commands.</param>
/// <param name="root">Returns the command tree, which contains these commands.</param>
/// <param name="groups">Returns the top-level commands in groups.</param>
/// <param name="run">Runs a command line.</param>
internal sealed class ManualCommands(
    CommandFactory factory, Func<RootCommand> root, Func<IReadOnlyList<CommandGroup>> groups, Func<IReadOnlyList<string>, Shell, CancellationToken, Task<int>> run)
{
    public Command Help()
    {
        var path = new Argument<string[]>("COMMAND") { Description = "A command and its subcommand.", Arity = ArgumentArity.ZeroOrMore };
        return factory.Action("help", "Show the help of a command.", ["help", "help user add"], [path], async (context, cancel) =>
        {
            var names = context.GetOptional(path) ?? [];
            RequireCommand(names);
            return await run([.. names, "--help"], context.Shell, cancel);
        });
    }

    public Command Completion()
    {
        var shell = new Argument<string>("SHELL") { Description = "The shell: bash, zsh or fish." };
        shell.AcceptOnlyFromAmong(CompletionScripts.Bash, CompletionScripts.Zsh, CompletionScripts.Fish);
        return factory.Action(
            "completion", "Print a script that completes commands and options in a shell. The package installs it.",
            ["completion bash > /etc/bash_completion.d/mailserver", "completion fish > ~/.config/fish/completions/mailserver.fish"], [shell], (context, _) =>
            {
                // Made here, not read from outside, so nothing needs to be escaped line by line.
                foreach (var line in CompletionScripts.Write(context.Get(shell), root()).TrimEnd('\n').Split('\n')) context.WriteLine(line);
                return Task.FromResult(ExitCodes.Success);
            });
    }

    public Command Man()
    {
        var folder = new Argument<string>("DIR") { Description = "The folder for the pages." };
        var reference = new Option<bool>("--reference") { Description = "Write commands.md, configuration.md and config.example.yaml instead." };
        return factory.Action(
            "man", "Write the manual pages to a folder. The package installs them.", ["man /usr/local/share/man/man1", "man . --reference"], [folder, reference], (context, _) =>
            {
                var directory = context.Get(folder);
                if (!Directory.Exists(directory)) throw new CommandFailure($"no folder '{directory}'");
                var pages = context.Get(reference) ? Reference() : new ManualPages(root(), groups(), factory.ExamplesOf).Write();
                foreach (var (name, text) in pages) SetupFiles.Publish(Path.Combine(directory, name), text);
                return Task.FromResult(ExitCodes.Success);
            });
    }

    /// <summary>The files of the reference by name.</summary>
    private Dictionary<string, string> Reference() => new(StringComparer.Ordinal)
    {
        ["commands.md"] = new CommandReference(root(), groups(), factory.ExamplesOf).Write(),
        ["configuration.md"] = ConfigurationReference.WriteMarkdown(),
        ["config.example.yaml"] = ConfigurationReference.WriteExample(),
    };

    /// <exception cref="CommandFailure">There is no such command.</exception>
    private void RequireCommand(IEnumerable<string> names)
    {
        Command at = root();
        foreach (var name in names)
        {
            var next = at.Subcommands.FirstOrDefault(c => c.Name == name)
                ?? throw new CommandFailure(Suggestion.FindNearest(name, [.. at.Subcommands.Select(static c => c.Name)]) is { } near ? $"unknown command '{name}'; did you mean '{near}'?" : $"unknown command '{name}'", ExitCodes.Usage);
            at = next;
        }
    }
}
