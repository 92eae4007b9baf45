using System.Text.RegularExpressions;

namespace MailServer.Architecture.Tests;

/// <summary>All output to a terminal or a text log goes through the places that escape it.</summary>
public sealed partial class OutputTests
{
    private static readonly string[] Terminals = ["src/MailServer/Commands/Terminal.cs", "src/MailServer/Commands/Shell.cs", "src/MailServer/Commands/ShellInvocation.cs"];
    private static readonly string[] Logs = ["src/MailServer/Hosting/LogPipeline.cs", "src/MailServer/Hosting/TextLogFormatter.cs", "src/MailServer/Hosting/JsonLogFormatter.cs", "src/MailServer/Hosting/RepeatedLogFilter.cs"];

    [Fact]
    public void Only_the_terminal_writes_to_a_terminal() => Violations.AssertNone(Uses(RawOutput(), Terminals));

    [Fact]
    public void Only_the_log_setup_chooses_how_events_are_written() => Violations.AssertNone(Uses(LogOutput(), Logs));

    [Theory]
    [InlineData("Console.WriteLine(text);")]
    [InlineData("Console.Error.Write(text);")]
    [InlineData("using var o = Console.OpenStandardOutput();")]
    [InlineData("AnsiConsole.MarkupLine(text);")]
    [InlineData("context.Shell.Out.WriteLine(text);")]
    [InlineData("shell.Error.Write(text);")]
    [InlineData("table.AddRow(new Text(text));")]
    [InlineData("new Markup(text)")]
    public void The_pattern_matches_direct_output(string line) => Assert.Matches(RawOutput(), line);

    private static IEnumerable<string> Uses(Regex pattern, string[] allowed) => SourceTree.SourceFiles.Except(allowed)
        .SelectMany(f => SourceTree.ReadLines(f).Select((line, i) => (File: f, Number: i + 1, Line: line)))
        .Where(l => pattern.IsMatch(l.Line))
        .Select(l => $"{l.File}:{l.Number}: {l.Line.Trim()}");

    [GeneratedRegex(@"(?<![.\w])(System\.)?Console\.(Write|Error|Out|OpenStandard|SetOut)|(?<!I)AnsiConsole\.|\b[Ss]hell\.(Out|Error)\b|new (Text|Markup|Paragraph|Rows|Panel)\(", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex RawOutput();

    [GeneratedRegex(@"WriteTo\.(Console|File)|outputTemplate|CompactJsonFormatter|MessageTemplateTextFormatter|AddConsole\(|AddSimpleConsole", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex LogOutput();
}
