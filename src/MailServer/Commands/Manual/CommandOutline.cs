using System.CommandLine;
using System.CommandLine.Help;

namespace MailServer.Commands.Manual;

/// <summary>A command with the words that run it, for help, manual pages and completion.</summary>
/// <param name="Path">The words after the program name; empty for the program itself.</param>
/// <param name="Command">The command.</param>
/// <param name="Inherited">The options that it shares with all commands above it.</param>
internal sealed record CommandOutline(string Path, Command Command, IReadOnlyList<Option> Inherited)
{
    /// <summary>The command's options by name, without hidden ones.</summary>
    public IEnumerable<Option> Options => Command.Options.Concat(Inherited).Where(static o => !o.Hidden).DistinctBy(static o => o.Name).OrderBy(static o => o.Name, StringComparer.Ordinal);

    /// <summary>The commands below it.</summary>
    public IEnumerable<Command> Children => Command.Subcommands.Where(static c => !c.Hidden);

    /// <summary>Whether an argument is the name of a file or folder.</summary>
    public bool TakesFile => Command.Arguments.Any(static a => IsFile(a.Name));

    /// <summary>The command and every one below it.</summary>
    public static IEnumerable<CommandOutline> All(Command root) => Below("", root, []);

    /// <summary>Whether the value of an option is the name of a file or folder.</summary>
    public static bool IsFile(Option option) => IsFile(option.HelpName);

    /// <summary>Whether an option needs a value.</summary>
    public static bool TakesValue(Option option) => option.ValueType != typeof(bool) && option is not (HelpOption or VersionOption);

    /// <summary>The spellings that help and completion show: not <c>-?</c> and <c>/h</c>.</summary>
    public static IEnumerable<string> NamesOf(Option option) => option.Aliases.Prepend(option.Name).Where(static n => n is not ("-?" or "/?" or "/h")).OrderBy(static n => n.Length);

    private static bool IsFile(string? valueName) => valueName is "FILE" or "DIR";

    private static IEnumerable<CommandOutline> Below(string path, Command command, IReadOnlyList<Option> inherited)
    {
        yield return new CommandOutline(path, command, inherited);
        IReadOnlyList<Option> passed = [.. inherited, .. command.Options.Where(static o => o.Recursive)];
        foreach (var child in command.Subcommands.Where(static c => !c.Hidden))
            foreach (var found in Below(path.Length == 0 ? child.Name : $"{path} {child.Name}", child, passed)) yield return found;
    }
}
