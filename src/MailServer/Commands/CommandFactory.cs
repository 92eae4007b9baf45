using System.CommandLine;

namespace MailServer.Commands;

/// <summary>Makes commands that share the shell and the options that mean the same everywhere.</summary>
internal sealed class CommandFactory(Shell shell)
{
    private const string DefaultConfig = "/etc/mailserver/config.yaml";

    /// <summary><c>--config</c>, understood before and after every command.</summary>
    public Option<string> Config { get; } = new("--config")
    {
        Description = "The configuration file.",
        HelpName = "FILE",
        DefaultValueFactory = _ => DefaultConfig,
        Recursive = true,
    };

    /// <summary><c>--json</c>, of commands that list or show something.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Print JSON." };

    /// <summary>A command of commands.</summary>
    public static Command Group(string name, string description, params ReadOnlySpan<Command> commands)
    {
        var group = new Command(name, description);
        foreach (var command in commands) group.Add(command);
        return group;
    }

    /// <summary>The names of the command that was typed and of the groups it is in, without the program.</summary>
    private static string PathOf(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (System.CommandLine.Parsing.SymbolResult? at = parsed.CommandResult; at is System.CommandLine.Parsing.CommandResult { Command: not RootCommand } command; at = at.Parent)
            names.Push(command.Command.Name);
        return string.Join(' ', names);
    }

    /// <summary>A command that does something. The description ends with lines to paste, one for each of <paramref name="examples"/>.</summary>
    public Command Action(string name, string description, string[] examples, Symbol[] symbols, Func<CommandContext, CancellationToken, Task<int>> run)
    {
        var text = string.Join("\n  ", [description + (examples.Length == 0 ? "" : "\n\nExamples:"), .. examples.Select(static e => "mailserver " + e)]);
        var command = new Command(name, text);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument) command.Add(argument);
            else if (symbol is Option option) command.Add(option);
        }

        command.SetAction(async (parsed, cancel) =>
        {
            var context = new CommandContext(parsed, shell, parsed.GetRequiredValue(Config), Json);
            using var held = await DataAccess.EnterAsync(PathOf(parsed), context, cancel);
            context.HoldsData = held is not null;
            return await run(context, cancel);
        });
        return command;
    }
}
