using System.CommandLine;
using MailServer.Common;

namespace MailServer.Commands;

/// <summary>Creates commands with the options that all of them share.</summary>
internal sealed class CommandFactory
{
    private const string DefaultConfig = "/etc/mailserver/config.yaml";

    private readonly Dictionary<Command, string[]> _examples = [];
    private readonly HashSet<Symbol> _mayBeEmpty = [];

    /// <summary><c>--config</c>, accepted before and after every command.</summary>
    public Option<string> Config { get; } = new("--config")
    {
        Description = "The configuration file.",
        HelpName = "FILE",
        DefaultValueFactory = _ => DefaultConfig,
        Recursive = true,
    };

    /// <summary><c>--json</c>, for commands that list or show something.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Print JSON." };

    /// <summary>The action of <c>--help</c>.</summary>
    /// <param name="groups">The top-level commands in the groups that the overview shows.</param>
    public CommandHelp CreateHelp(IReadOnlyList<CommandGroup> groups) => new(ExamplesOf, groups);

    /// <summary>Example command lines of a command, without the program name.</summary>
    public IReadOnlyList<string> ExamplesOf(Command command) => _examples.GetValueOrDefault(command, []);

    /// <summary>Marks an argument or option that accepts an empty string.</summary>
    public T AllowEmptyValue<T>(T symbol) where T : Symbol
    {
        _mayBeEmpty.Add(symbol);
        return symbol;
    }

    public bool AllowsEmpty(Symbol symbol) => _mayBeEmpty.Contains(symbol);

    /// <summary>A command that contains other commands.</summary>
    public static Command Group(string name, string description, params ReadOnlySpan<Command> commands)
    {
        var group = new Command(name, description);
        foreach (var command in commands) group.Add(command);
        return group;
    }

    /// <summary>The full name of the command with its groups, without the program name.</summary>
    private static string PathOf(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (System.CommandLine.Parsing.SymbolResult? at = parsed.CommandResult; at is System.CommandLine.Parsing.CommandResult { Command: not RootCommand } command; at = at.Parent)
            names.Push(command.Command.Name);
        return string.Join(' ', names);
    }

    /// <summary>A command that runs <paramref name="run"/>. Its help ends with <paramref name="examples"/>, without the program name.</summary>
    public Command Action(string name, string description, string[] examples, Symbol[] symbols, Func<CommandContext, CancellationToken, Task<int>> run)
    {
        var command = new Command(name, description);
        _examples[command] = examples;
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument) command.Add(argument);
            else if (symbol is Option option) command.Add(option);
        }

        command.SetAction(async (parsed, cancel) =>
        {
            var (shell, path) = (ShellInvocation.ShellOf(parsed), PathOf(parsed));
            var context = new CommandContext(parsed, shell, parsed.GetRequiredValue(Config), Json);
            // The server handles signals itself.
            using var interruption = shell.HandlesSignals && DataAccess.Of(path) != DataAccessMode.RunsServer ? new SignalCancellation(shell.Terminal, cancel) : null;
            try
            {
                var token = interruption?.Token ?? cancel;
                using var held = await DataAccess.EnterAsync(path, context, token);
                context.HoldsDataLock = held is not null;
                var code = await run(context, token);
                return code == ExitCodes.Failed && interruption?.ExitCode is { } signal ? throw new CommandFailure("interrupted", signal) : code;
            }
            // Whatever a command reports after a signal, such as a broken connection, is a result of the signal.
            catch (Exception e) when (interruption?.ExitCode is { } exitCode && e is OperationCanceledException or CommandFailure or IOException or HttpRequestException or TimeoutException)
            {
                throw new CommandFailure("interrupted", exitCode);
            }
            finally
            {
                ServiceFiles.GiveToService(path, context);
            }
        });
        return command;
    }
}
