using System.Text.RegularExpressions;
using MailServer.Configuration;
using MailServer.Tests.Web;

namespace MailServer.Tests.Commands;

/// <summary>What commands print of a running node.</summary>
public sealed partial class RunningServerCommandsTests(TestNode node) : IClassFixture<TestNode>
{
    private static readonly string[] ReadingWords = ["list", "show", "status", "doctor", "audit", "tree", "top", "level", "check"];

    /// <summary>Every command that only reads and needs no argument.</summary>
    public static TheoryData<string> Reading => [.. ReadingCommands];

    internal static IEnumerable<string> ReadingCommands => CommandTree.Runnable.Where(IsReading);

    [Fact]
    public void Every_file_that_a_running_server_makes_is_known_to_the_rules_for_configured_paths()
    {
        var made = Directory.EnumerateFileSystemEntries(Path.Combine(node.Folder, "data")).Select(static f => Path.GetFileName(f)).ToArray();
        Assert.True(made.Length > 10, string.Join(' ', made));
        Assert.Empty(made.Select(static name => name.Replace("-wal", "", StringComparison.Ordinal).Replace("-shm", "", StringComparison.Ordinal).Replace(".snapshot", "", StringComparison.Ordinal))
            .Except(PathRules.OwnNames, StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Reading))]
    public async Task Times_are_printed_in_ISO_8601_and_UTC(string command)
    {
        await node.CliAsync("bans", "add", "192.0.2.7", "--for", "2d");
        var (_, output, error) = await node.Commands.RunAsync(command.Split(' '));
        var printed = output + error;
        Assert.False(OtherForm().IsMatch(printed), printed);
        if (command == "bans list") Assert.Matches(@"\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\t", printed);
    }

    [Theory]
    [MemberData(nameof(Reading))]
    public async Task What_a_command_prints_fits_the_terminal_and_says_when_there_is_nothing(string command)
    {
        foreach (var columns in new[] { 40, 80, 130, 200 })
        {
            node.Commands.OutIsTerminal = true;
            node.Commands.Columns = columns;
            try
            {
                var (_, output, error) = await node.Commands.RunAsync(command == "sessions top" ? ["sessions", "list"] : command.Split(' '));
                Assert.True((output + error).Trim().Length > 0, $"mailserver {command} prints nothing");
                foreach (var line in Style().Replace(output, "").Split('\n'))
                {
                    // A table fits; the lines of a block may be wrapped by the terminal.
                    if (line.StartsWith('│')) Assert.True(line.Length <= columns, $"{columns}: {line}");
                }
            }
            finally
            {
                node.Commands.OutIsTerminal = false;
                node.Commands.Columns = null;
            }
        }
    }

    [Fact]
    public void Every_command_that_lists_something_prints_JSON_too() =>
        Assert.All(CommandTree.Runnable.Where(static c => c.Split(' ')[^1] is "list"), static c => Assert.Contains(CommandTree.All[c].Options, static o => o.Name == "--json"));

    [Fact]
    public void The_commands_that_read_are_found() => Assert.InRange(CommandTree.Runnable.Count(IsReading), 16, 100);

    [Fact]
    public async Task Without_ordered_certificates_renew_says_that_there_is_nothing_to_renew() =>
        Assert.Equal("mailserver: nothing to renew: tls.auto_tls is off and the certificate is self-signed", await node.Commands.FailedAsync(1, "tls", "renew"));

    private static bool IsReading(string command) =>
        ReadingWords.Contains(command.Split(' ')[^1]) && command is not "check" && CommandTree.All[command].Arguments.All(static a => a.Arity.MinimumNumberOfValues == 0 || a.HasDefaultValue);

    [GeneratedRegex(@"\e\[[0-9;]*m", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Style();

    [GeneratedRegex(@"\d\d:\d\d(:\d\d)?(\.\d+)? ?[+-]\d\d:|\d{4}-\d\d-\d\d \d|\d/\d\d?/\d|(?<=[ \t\d])\d\d:\d\d:\d\d(\.\d+)?(?![\d.Z])", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex OtherForm();
}
