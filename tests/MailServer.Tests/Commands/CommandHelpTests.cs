using System.CommandLine;
using System.Text.RegularExpressions;
using MailServer.Commands;

namespace MailServer.Tests.Commands;

/// <summary>The texts of <c>--help</c>, for every command that there is.</summary>
public sealed partial class CommandHelpTests
{
    private const int Columns = 80;

    // What the help once said, and no native reader understands at once.
    private static readonly string[] Riddles =
    [
        "nobody", "somebody", "whoever", "whatever", "anew", "of ours", "is asked", "is told", "tells", "what is", "what was", "who is", "who was", "at most so many", "goes on", "not said", "let ", "makes ", "is no ",
    ];

    public static TheoryData<string> Everything => [.. CommandTree.All.Keys];

    [Fact]
    public async Task The_overview_has_every_command_on_one_line_of_its_group_and_no_example()
    {
        using var runner = new CommandRunner { OutIsTerminal = true, Columns = Columns };
        var lines = (await runner.RunExactlyAsync("", ["--help"])).Out.Split('\n');
        foreach (var group in CommandLine.Groups)
        {
            var start = Array.IndexOf(lines, group.Title + ":");
            Assert.True(start > 0, group.Title);
            Assert.Equal(group.Commands.Select(static c => $"  {c.Name,-14}{CommandGroup.SummaryOf(c)}"), lines[(start + 1)..].TakeWhile(static l => l.Length > 0));
        }

        Assert.Equal(CommandLine.Commands.Subcommands.Select(static c => c.Name).Order(), CommandLine.Groups.SelectMany(static g => g.Commands).Select(static c => c.Name).Order());
        Assert.All(lines, static l => Assert.DoesNotContain("example.org", l, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Every_text_is_a_sentence_without_riddles(string name)
    {
        var command = CommandTree.All[name];
        foreach (var (of, text) in command.Arguments.Cast<Symbol>().Concat(command.Options.Where(static o => o.Name is not ("--help" or "--version"))).Append(command).Select(static s => (s.Name, s.Description ?? "")))
        {
            Assert.True(text.Length > 0 && (text[^1] is '.' or '…') && !char.IsLower(text[0]), $"{name} {of}: '{text}'");
            Assert.All(Riddles, riddle => Assert.False(text.ToUpperInvariant().Contains(riddle.ToUpperInvariant(), StringComparison.Ordinal) && !Allowed(text, riddle), $"{name} {of}: '{riddle}' in '{text}'"));
        }

        // "List users.", not "Lists users.": a command is an order.
        if (name.Length > 0) Assert.DoesNotMatch(ThirdPerson(), command.Description);
    }

    private static bool Allowed(string text, string riddle) => riddle == "let " && text.StartsWith("Let a disabled user", StringComparison.Ordinal);

    [GeneratedRegex(@"^\p{L}+s\b(?<!access|process)|\?$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex ThirdPerson();
}
