using System.CommandLine;
using System.CommandLine.Parsing;
using MailServer.Configuration;

namespace MailServer.Commands;

/// <summary>
/// Validates the arguments of a command before it runs and describes the first error in one line. The parser accepts an unknown option as a value;
/// here it is an error, so a mistyped option never becomes a file name.
/// </summary>
/// <param name="parsed">The result of the parser.</param>
/// <param name="typed">The arguments as typed.</param>
/// <param name="mayBeEmpty">Whether an argument or option accepts an empty string.</param>
internal sealed class CommandArguments(ParseResult parsed, IReadOnlyList<string> typed, Func<Symbol, bool> mayBeEmpty)
{
    private const string EndOfOptions = "--";
    private const int LongestShown = 200;

    /// <summary>The first error; null when the command can run.</summary>
    public string? FindError() => FindUnknownCommand() ?? FindUnknownOption() ?? FindMissing() ?? FindEmpty() ?? FindParserError();

    /// <summary>The full command as typed: program, groups and command name.</summary>
    public string Path
    {
        get
        {
            var names = new Stack<string>();
            for (SymbolResult? at = parsed.CommandResult; at is CommandResult command; at = at.Parent) names.Push(command.Command is RootCommand ? "mailserver" : command.Command.Name);
            return string.Join(' ', names);
        }
    }

    /// <summary>Shortens every argument longer than 200 characters in an error message.</summary>
    public string Shorten(string text)
    {
        foreach (var argument in typed.Where(static a => a.Length > LongestShown))
            text = text.Replace(argument, $"{argument[..LongestShown]}…", StringComparison.Ordinal);
        return text;
    }

    private string? FindUnknownCommand()
    {
        var command = parsed.CommandResult.Command;
        if (command.Subcommands.Count == 0 || command.Arguments.Count > 0) return null;
        if (parsed.UnmatchedTokens.FirstOrDefault(static t => !IsOptionLike(t)) is not { } unknown) return null;
        var near = Suggestion.FindNearest(unknown, [.. command.Subcommands.Select(static c => c.Name)]);
        return near is null ? $"unknown command '{unknown}'" : $"unknown command '{unknown}'; did you mean '{near}'?";
    }

    private string? FindUnknownOption()
    {
        var known = KnownOptions();
        Option? before = null;
        foreach (var text in typed.TakeWhile(static t => t != EndOfOptions))
        {
            var (taker, name) = (before, text.Split('=', ':')[0]);
            before = known.Find(o => o.Name == name || o.Aliases.Contains(name));
            if (!IsOptionLike(text) || before is not null || (taker is not null && IsNumber(taker) && char.IsAsciiDigit(text[1]))) continue;
            if (taker is not null && !IsSwitch(taker))
                return $"unknown option '{text}'; write a value that begins with '-' as {taker.Name}=VALUE";
            return $"unknown option '{name}'; {Suggestion.For(name, [.. known.Select(static o => o.Name).Order(StringComparer.Ordinal)])}";
        }

        return null;
    }

    private string? FindMissing()
    {
        foreach (var argument in parsed.CommandResult.Command.Arguments)
            if (argument.Arity.MinimumNumberOfValues > 0 && !argument.HasDefaultValue && parsed.GetResult(argument) is not { Tokens.Count: > 0 }) return $"{argument.Name} is missing";
        return null;
    }

    private string? FindEmpty()
    {
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult command; at = at.Parent)
        {
            foreach (var child in command.Children)
            {
                Symbol? symbol = child switch { ArgumentResult a => a.Argument, OptionResult o => o.Option, _ => null };
                if (symbol is not null && !mayBeEmpty(symbol) && child.Tokens.Any(static t => string.IsNullOrWhiteSpace(t.Value))) return $"{symbol.Name} is empty";
            }
        }

        return null;
    }

    private string? FindParserError()
    {
        if (parsed.Errors.Count == 0) return null;
        if (parsed.UnmatchedTokens.Count > 0) return $"unexpected argument '{parsed.UnmatchedTokens[0]}'";
        var error = parsed.Errors[0];
        if (NumberOf(error.SymbolResult) is { } number) return number;
        return string.Join(' ', error.Message.Split(['\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
    }

    /// <summary>Replaces the parser's message for invalid numbers, which names a .NET type.</summary>
    private static string? NumberOf(SymbolResult? result) => result switch
    {
        { Tokens.Count: 1 } and OptionResult { Option: var option } when IsNumber(option) => $"'{result.Tokens[0].Value}' is not a valid number for {option.Name}",
        { Tokens.Count: 1 } and ArgumentResult { Argument: var argument } when IsNumber(argument.ValueType) => $"'{result.Tokens[0].Value}' is not a valid number for {argument.Name}",
        _ => null,
    };

    /// <summary>The command's own options and the recursive ones of its parents.</summary>
    private List<Option> KnownOptions()
    {
        var options = new List<Option>(parsed.CommandResult.Command.Options);
        for (var at = parsed.CommandResult.Parent; at is CommandResult group; at = at.Parent) options.AddRange(group.Command.Options.Where(static o => o.Recursive));
        return options;
    }

    private static bool IsOptionLike(string text) => text.Length > 1 && text[0] == '-';

    private static bool IsSwitch(Option option) => option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0;

    private static bool IsNumber(Option option) => IsNumber(option.ValueType);

    private static bool IsNumber(Type type) => (Nullable.GetUnderlyingType(type) ?? type) == typeof(int) || (Nullable.GetUnderlyingType(type) ?? type) == typeof(long);
}
