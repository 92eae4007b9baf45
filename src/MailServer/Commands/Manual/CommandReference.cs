using System.CommandLine;
using System.Text;

namespace MailServer.Commands.Manual;

/// <summary>The page <c>docs/reference/commands.md</c>: every command with its texts from <c>--help</c>, in Markdown.</summary>
/// <param name="root">The command tree.</param>
/// <param name="groups">The top-level commands in the order of the overview.</param>
/// <param name="examplesOf">Example command lines, without the program name.</param>
internal sealed class CommandReference(RootCommand root, IReadOnlyList<CommandGroup> groups, Func<Command, IReadOnlyList<string>> examplesOf)
{
    private const string Program = "mailserver";

    public string Write()
    {
        var page = new StringBuilder("""
            # Commands

            <!-- Written by 'mailserver man DIR --reference' from the program itself: change the texts in src/MailServer/Commands. -->

            Every command explains itself: `mailserver help user add` is the same as `mailserver user add --help`, and `man mailserver-user` shows it too. Commands that list something print JSON with `--json`.
            [operations.md](../operations.md#the-command-line) has the exit codes.


            """);
        foreach (var group in groups) page.Append($"- {group.Title}: {string.Join(", ", group.Commands.Select(static c => $"[{c.Name}](#{Program}-{c.Name})"))}\n");
        page.Append("\nOptions of all commands:\n\n| option | |\n|---|---|\n");
        foreach (var option in new CommandOutline("", root, []).Options) AppendRow(page, NameOf(option), TextOf(option));
        foreach (var command in groups.SelectMany(static g => g.Commands)) AppendCommand(page, command);
        return page.ToString();
    }

    private void AppendCommand(StringBuilder page, Command top)
    {
        page.Append($"\n## {Program} {top.Name}\n\n{Cell(top.Description)}\n");
        foreach (var outline in CommandOutline.All(top).Select(o => o with { Path = o.Path.Length == 0 ? top.Name : $"{top.Name} {o.Path}" }))
        {
            if (outline.Command != top && outline.Command.Action is not null) page.Append($"\n### {Program} {outline.Path}\n\n{Cell(outline.Command.Description)}\n");
            if (outline.Command.Action is not null) AppendDetails(page, outline);
        }
    }

    private void AppendDetails(StringBuilder page, CommandOutline outline)
    {
        var options = outline.Options.Where(static o => !o.Recursive).ToArray();
        page.Append($"\n    {SynopsisOf(outline, options.Length > 0)}\n");
        if (outline.Command.Arguments.Count + options.Length > 0)
        {
            page.Append("\n| argument | |\n|---|---|\n");
            foreach (var argument in outline.Command.Arguments) AppendRow(page, argument.Name, argument.Description ?? "");
            foreach (var option in options) AppendRow(page, NameOf(option), TextOf(option));
        }

        if (examplesOf(outline.Command) is not { Count: > 0 } examples) return;
        page.Append("\n```sh\n");
        foreach (var example in examples) page.Append($"{Program} {example}\n");
        page.Append("```\n");
    }

    private static string SynopsisOf(CommandOutline outline, bool hasOptions)
    {
        var text = new StringBuilder($"{Program} {outline.Path}");
        foreach (var argument in outline.Command.Arguments)
        {
            var name = argument.Arity.MaximumNumberOfValues > 1 ? argument.Name + "..." : argument.Name;
            text.Append(argument.Arity.MinimumNumberOfValues == 0 ? $" [{name}]" : $" {name}");
        }

        foreach (var option in outline.Command.Options.Where(static o => o.Required)) text.Append($" {NameOf(option)}");
        return hasOptions ? text.Append(" [OPTIONS]").ToString() : text.ToString();
    }

    private static void AppendRow(StringBuilder page, string name, string text) => page.Append($"| `{name}` | {Cell(text)} |\n");

    private static string NameOf(Option option) => string.Join(", ", CommandOutline.NamesOf(option)) + (option.HelpName is { } value ? $" {value}" : "");

    private static string TextOf(Option option)
    {
        var text = option.Required ? $"{option.Description} Required." : option.Description ?? "";
        return option.HelpName is not null && option.HasDefaultValue && option.GetDefaultValue() is { } value ? $"{text} Default: {value}." : text;
    }

    // Angle brackets would be HTML, and a cell ends at a vertical bar.
    private static string Cell(string? text) => (text ?? "").Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace("\n", " ", StringComparison.Ordinal);
}
