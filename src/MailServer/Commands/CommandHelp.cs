using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MailServer.Common;

namespace MailServer.Commands;

/// <summary>
/// The help of a command, at most <see cref="MostColumns"/> wide, with its examples at the end. The help of the program itself is an overview: the commands
/// in groups, one line each.
/// </summary>
/// <param name="examplesOf">Example command lines, without the program name.</param>
/// <param name="groups">The top-level commands in the order of the overview.</param>
internal sealed class CommandHelp(Func<Command, IReadOnlyList<string>> examplesOf, IReadOnlyList<CommandGroup> groups) : SynchronousCommandLineAction
{
    public const int MostColumns = 100;
    private const int FewestColumns = 40;
    private const int CommandColumns = 14;
    private const int OptionColumns = 15;
    private const string Indent = "  ";
    private const string Continued = Indent + Indent;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var columns = Math.Clamp(Shell.WidthOf(ShellInvocation.ShellOf(parseResult)) ?? MostColumns, FewestColumns, MostColumns);
        var (command, output) = (parseResult.CommandResult.Command, parseResult.InvocationConfiguration.Output);
        if (command is RootCommand root)
        {
            WriteOverview(root, output, columns);
            return ExitCodes.Success;
        }

        new HelpAction { MaxWidth = columns }.Invoke(parseResult);
        var examples = examplesOf(command);
        if (examples.Count == 0) return ExitCodes.Success;
        output.WriteLine("Examples:");
        foreach (var line in examples.SelectMany(e => Fold($"mailserver {e}", columns))) output.WriteLine(line);
        return ExitCodes.Success;
    }

    private void WriteOverview(RootCommand root, TextWriter output, int columns)
    {
        foreach (var line in Wrap(root.Description ?? "", columns)) output.WriteLine(line);
        output.WriteLine();
        output.WriteLine("Usage:");
        output.WriteLine($"{Indent}mailserver COMMAND [ARGUMENTS] [OPTIONS]");
        foreach (var group in groups) WriteRows(group.Title, group.Commands.Select(static c => (c.Name, CommandGroup.SummaryOf(c))), CommandColumns, output, columns);
        WriteRows("Options", root.Options.Select(static o => (NameOf(o), TextOf(o))), OptionColumns, output, columns);
        output.WriteLine();
        foreach (var line in Wrap("Run 'mailserver COMMAND --help' for arguments, options and examples.", columns)) output.WriteLine(line);
    }

    private static void WriteRows(string title, IEnumerable<(string Name, string Text)> rows, int nameColumns, TextWriter output, int columns)
    {
        output.WriteLine();
        output.WriteLine($"{title}:");
        foreach (var (name, text) in rows)
        {
            foreach (var (number, line) in Wrap(text, columns - Indent.Length - nameColumns).Index())
                output.WriteLine($"{Indent}{(number == 0 ? name : "").PadRight(nameColumns)}{line}");
        }
    }

    private static string NameOf(Option option)
    {
        var name = option.Aliases.Contains("-h") ? $"-h, {option.Name}" : option.Name;
        return option.HelpName is { } value ? $"{name} {value}" : name;
    }

    private static string TextOf(Option option)
    {
        var text = (option.Description ?? "").TrimEnd('.');
        return option.HelpName is not null && option.HasDefaultValue ? $"{text} [default: {option.GetDefaultValue()}]" : text;
    }

    /// <summary>A text in lines of at most so many columns, broken at spaces.</summary>
    private static IEnumerable<string> Wrap(string text, int columns)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > columns)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        yield return line;
    }

    /// <summary>Breaks a command line at its options, with a backslash at the end of each line, so that it can still be pasted into a shell.</summary>
    private static IEnumerable<string> Fold(string example, int columns)
    {
        const string Mark = " \\";
        var line = Indent;
        foreach (var part in example.Split(" --").Select(static (p, i) => i == 0 ? p : "--" + p))
        {
            if (line.Length > Continued.Length && line.Length + 1 + part.Length + Mark.Length > columns)
            {
                yield return line + Mark;
                line = Continued + part;
            }
            else
            {
                line += line.Length <= Continued.Length ? part : " " + part;
            }
        }

        yield return line;
    }
}
