using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MailServer.Common;

namespace MailServer.Commands;

/// <summary>The help of a command, at most <see cref="MostColumns"/> wide, with its examples at the end.</summary>
/// <param name="examplesOf">Lines to paste for a command, without the program's name.</param>
internal sealed class CommandHelp(Func<Command, IReadOnlyList<string>> examplesOf) : SynchronousCommandLineAction
{
    public const int MostColumns = 100;
    private const int FewestColumns = 40;
    private const string Indent = "  ";
    private const string Continued = Indent + Indent;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var columns = Math.Clamp(Shell.WidthOf(ShellInvocation.ShellOf(parseResult)) ?? MostColumns, FewestColumns, MostColumns);
        new HelpAction { MaxWidth = columns }.Invoke(parseResult);
        var examples = examplesOf(parseResult.CommandResult.Command);
        if (examples.Count == 0) return ExitCodes.Done;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var line in examples.SelectMany(e => Fold($"mailserver {e}", columns))) output.WriteLine(line);
        return ExitCodes.Done;
    }

    /// <summary>A command over several lines that a shell still takes for one.</summary>
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
