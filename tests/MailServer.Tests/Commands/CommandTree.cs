using System.CommandLine;

namespace MailServer.Tests.Commands;

/// <summary>Every command, as typed, enumerated from the command tree.</summary>
internal static class CommandTree
{
    public static readonly IReadOnlyDictionary<string, Command> All = Collect();

    /// <summary>Commands with an action.</summary>
    public static IEnumerable<string> Runnable => All.Where(static c => c.Value.Action is not null && c.Value is not RootCommand).Select(static c => c.Key);

    /// <summary>Commands that only group subcommands.</summary>
    public static IEnumerable<string> Groups => All.Keys.Except(Runnable, StringComparer.Ordinal);

    private static Dictionary<string, Command> Collect()
    {
        var found = new Dictionary<string, Command>(StringComparer.Ordinal);
        Add(CommandLine.Commands, "", found);
        return found;
    }

    private static void Add(Command command, string path, Dictionary<string, Command> found)
    {
        var name = command is RootCommand ? "" : path.Length == 0 ? command.Name : $"{path} {command.Name}";
        found.Add(name, command);
        foreach (var child in command.Subcommands) Add(child, name, found);
    }
}
