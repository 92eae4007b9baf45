using System.CommandLine;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MailServer.Commands;
using MailServer.Common;
using MailServer.Storage;
using MailServer.Tests.Hosting;

namespace MailServer.Tests.Commands;

/// <summary>
/// Every command with missing, empty, unusual, unknown and excess arguments: the error is always helpful, and nothing is created
/// under the name of a mistyped option.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class CommandArgumentsTests : IClassFixture<CommandArgumentsTests.Installation>
{
    private const int LongestLine = 2_000;

    private static readonly string[] Odd =
    [
        "ünï\u0301cödé 日本語 👩\u200D💻 \u202Egnp.exe\u2066\uD83D two\nlines\ttab\a\e[2J", "../../etc/passwd", "*~'\"`$(x)%00%2e%2e", "@file", new string('x', 5_000), "99999999999999999999", "-", "<>",
    ];

    private readonly Installation _server;

    public CommandArgumentsTests(Installation server) => _server = server;

    public static TheoryData<string> Runnable => [.. CommandTree.Runnable];

    public static TheoryData<string> Everything => [.. CommandTree.All.Keys];

    [Theory]
    [MemberData(nameof(Runnable))]
    public async Task Commands_handle_missing_empty_unusual_and_excess_arguments(string command)
    {
        var plain = Plain(command);
        await AnswersAsync(command, Required(command, static s => Value(s)));
        if (plain.Length > 0)
            foreach (var odd in Odd) await AnswersAsync(command, [.. Symbols(command, s => _server.OddValue(s, odd)), .. Required(command, s => _server.OddValue(s, odd))]);
        // Each option is tested with some of them, which differ by command.
        foreach (var (number, option) in Options(command).Where(static o => o.ValueType != typeof(bool)).Index())
            foreach (var odd in Odd.Where((_, i) => (i + number + command.Length) % 4 == 0)) await AnswersAsync(command, [.. plain, option.Name, _server.OddValue(option, odd)]);
        var tooMany = await AnswersAsync(command, [.. plain, .. Enumerable.Repeat("more", 30), "--", "-even", "--more"]);
        if (!TakesMany(command)) Assert.Equal(ExitCodes.Usage, tooMany);
    }

    [Theory]
    [MemberData(nameof(Runnable))]
    public async Task Files_that_cannot_be_used_are_refused_at_once(string command)
    {
        var named = CommandTree.All[command].Arguments.Cast<Symbol>().Concat(Options(command)).Where(NamesFile).ToArray();
        foreach (var file in _server.MakeUnusableFiles())
        {
            // A server would start in a new or empty folder.
            foreach (var symbol in named.Where(s => s.Name != "--data-dir" || File.Exists(file))) await AnswersAsync(command, WithValue(command, symbol, file));
            await AnswersAsync(command, Plain(command), config: file);
        }
    }

    [Theory]
    [MemberData(nameof(Runnable))]
    public async Task An_empty_argument_is_refused_by_its_name(string command)
    {
        foreach (var symbol in CommandTree.All[command].Arguments.Cast<Symbol>().Concat(Options(command).Where(static o => o.ValueType != typeof(bool))))
        {
            if ((command, symbol.Name) is ("spf check", "FROM") or ("alias comment", "TEXT") or ("domain comment", "TEXT")) continue;
            var error = await RefusedAsync(command, WithValue(command, symbol, symbol.Name.Length % 2 == 0 ? "" : "  "));
            Assert.Contains($"{symbol.Name} is empty", error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Runnable))]
    public async Task Missing_values_are_named(string command)
    {
        foreach (var argument in CommandTree.All[command].Arguments.Where(static a => a.Arity.MinimumNumberOfValues > 0))
        {
            var before = CommandTree.All[command].Arguments.TakeWhile(a => a != argument).Select(Value);
            Assert.Contains($"{argument.Name} is missing", await RefusedAsync(command, [.. before, .. Required(command, Value)]), StringComparison.Ordinal);
        }

        foreach (var option in Options(command).Where(static o => o.Required))
        {
            var others = Options(command).Where(o => o.Required && o != option).SelectMany(static o => new[] { o.Name, Value(o) });
            Assert.Contains(option.Name, await RefusedAsync(command, [.. Symbols(command, Value), .. others]), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task An_unknown_option_is_refused_by_name_and_not_used_as_a_value(string command)
    {
        var isGroup = !CommandTree.Runnable.Contains(command);
        var plain = isGroup ? [] : Plain(command);
        foreach (var (unknown, name, isFirst) in new[] { ("--nonsense", "--nonsense'", true), ("-x", "-x'", false), ("--nonsense=1", "--nonsense'", false), ("-5", "-5'", true), ("--\u202E" + new string('y', 3_000), "--", true) })
        {
            var error = await RefusedAsync(command, isGroup ? [unknown] : isFirst ? [unknown, .. plain.Skip(1)] : [.. plain, unknown, "value"]);
            Assert.Contains("unknown option '" + name, error, StringComparison.Ordinal);
            Assert.True(error.Contains("did you mean '", StringComparison.Ordinal) || error.Contains("expected one of --", StringComparison.Ordinal), error);
        }

        foreach (var option in Options(command).Where(static o => o.Name.Length > 6))
            Assert.Contains($"did you mean '{option.Name}'?", await RefusedAsync(command, [.. plain, option.Name.Remove(option.Name.Length - 2, 1)]), StringComparison.Ordinal);
        // As a value it would create a file or folder of that name here.
        Assert.DoesNotContain(Directory.GetFileSystemEntries("."), static f => f.Contains("nonsense", StringComparison.Ordinal));
        foreach (var option in Options(command).Where(static o => o.ValueType == typeof(string)))
            Assert.Contains($"unknown option '--nonsense'; write a value that begins with '-' as {option.Name}=", await RefusedAsync(command, [.. plain, option.Name, "--nonsense"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_command_is_refused_with_a_suggestion()
    {
        foreach (var group in CommandTree.Groups)
        {
            foreach (var child in CommandTree.All[group].Subcommands.Select(static c => c.Name).Where(static n => n.Length > 3))
            {
                var error = await RefusedAsync(group, [child + "z"]);
                Assert.Contains($"unknown command '{child}z'; did you mean '", error, StringComparison.Ordinal);
            }

            Assert.Contains("unknown command 'entirely-else'", await RefusedAsync(group, ["entirely-else", "--nonsense"]), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task The_help_is_at_most_a_hundred_columns_wide(string command)
    {
        foreach (var (isTerminal, columns, most) in new[] { (false, 0, 100), (true, 250, 100), (true, 80, 80) })
        {
            using var runner = new CommandRunner { OutIsTerminal = isTerminal, Columns = columns == 0 ? null : columns };
            var (code, output, error) = await runner.RunExactlyAsync("", [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
            Assert.Equal((ExitCodes.Success, ""), (code, error));
            Assert.Contains("Usage:", output, StringComparison.Ordinal);
            Assert.All(output.Split('\n'), line => Assert.True(line.Length <= most, $"{line.Length} columns: {line}"));
        }
    }

    /// <summary>Runs the command and checks that its output is readable.</summary>
    private async Task<int> AnswersAsync(string command, string[] arguments, string? config = null)
    {
        var (code, output, error) = await _server.RunAsync(command, arguments, config).WaitAsync(TimeSpan.FromMinutes(1));
        var said = $"mailserver {command} {string.Join(' ', arguments.Select(static a => a.Length > 100 ? a[..100] : a))}\n{code}\n{error}";
        Assert.True(code is >= 0 and < 128, said);
        Assert.False(error.Contains("unexpected error", StringComparison.Ordinal) || error.Contains("   at ", StringComparison.Ordinal) || error.Contains("Exception", StringComparison.Ordinal), said);
        Assert.True(HostileText.IsFit(error), said);
        Assert.All(error.Split('\n'), line => Assert.True(line.Length <= LongestLine, said));
        if (code is ExitCodes.Usage) AssertHelpful(error, command);
        else if (code != 0) Assert.True(error.Length + output.Length > 0, said);
        return code;
    }

    private async Task<string> RefusedAsync(string command, string[] arguments)
    {
        var (code, output, error) = await _server.RunAsync(command, arguments);
        Assert.True(code == ExitCodes.Usage && output.Length == 0, $"mailserver {command} {string.Join(' ', arguments)}\n{code}\n{output}{error}");
        AssertHelpful(error, command);
        return error;
    }

    private static void AssertHelpful(string error, string command)
    {
        var line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("mailserver: ", line, StringComparison.Ordinal);
        Assert.EndsWith($"see '{("mailserver " + command).TrimEnd()} --help'", line, StringComparison.Ordinal);
        Assert.True(line.Length <= LongestLine, line);
    }

    private static bool NamesFile(Symbol symbol) => symbol.Name is "DIR" or "FILE" or "FOLDER" || symbol is Option { HelpName: "DIR" or "FILE" };

    private static bool TakesMany(string command) => CommandTree.All[command].Arguments.Any(static a => a.Arity.MaximumNumberOfValues > 1);

    private static IEnumerable<Option> Options(string command) => CommandTree.All[command].Options.Where(static o => o.Name is not ("--help" or "--version" or "--config"));

    /// <summary>Valid arguments that name nothing existing.</summary>
    internal static string[] Plain(string command) => [.. Symbols(command, Value), .. Required(command, Value)];

    private static string[] Symbols(string command, Func<Symbol, string> value) => [.. CommandTree.All[command].Arguments.Select(value)];

    private static string[] Required(string command, Func<Symbol, string> value) => [.. Options(command).Where(static o => o.Required).SelectMany(o => new[] { o.Name, value(o) })];

    private static string[] WithValue(string command, Symbol symbol, string value) => symbol is Option option && !option.Required
        ? [.. Plain(command), option.Name, value]
        : [.. Symbols(command, s => s == symbol ? value : Value(s)), .. Required(command, s => s == symbol ? value : Value(s))];

    /// <summary>A valid value that names nothing existing.</summary>
    private static string Value(Symbol symbol) => symbol switch
    {
        Argument argument when argument.ValueType != typeof(string) && !argument.ValueType.IsArray => "7",
        Option option when option.ValueType == typeof(int) || option.ValueType == typeof(int?) => "7",
        Option { Name: "--type" } => "rsa",
        Option { Name: "--format" } => "json",
        { Name: "DIR" or "FILE" } => "/dev/null/place",
        { Name: "DOMAIN" or "--domain" } => "nowhere.example",
        { Name: "IP" or "--address" } => "127.0.0.1",
        { Name: "URL" } => "imap://x@127.0.0.1:1",
        _ => "nobody@nowhere.example",
    };

    /// <summary>One installation for all tests; its data directory is locked, so that no server starts on it, and its resolver finds no name.</summary>
    public sealed class Installation : IAsyncLifetime, IDisposable
    {
        private readonly CommandRunner _runner = new();
        private readonly UdpClient _resolver = new(new IPEndPoint(IPAddress.Loopback, 0));
        private DataDirectoryLock? _served;

        public async Task InitializeAsync()
        {
            _runner.Configure($"dns: {{servers: ['{_resolver.Client.LocalEndPoint}']}}");
            _ = AnswerNothingAsync();
            await _runner.SetUpAsync("ann@example.org");
            Directory.CreateDirectory(Served);
            _served = DataDirectoryLock.Take(Served);
        }

        public Task DisposeAsync() => Task.CompletedTask;

        public void Dispose()
        {
            _served?.Dispose();
            _resolver.Dispose();
            _runner.Dispose();
        }

        public async Task<(int Code, string Out, string Error)> RunAsync(string command, string[] arguments, string? config = null)
        {
            var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var isServer = DataAccess.Commands.Contains(command) && DataAccess.Of(command) == DataAccessMode.RunsServer;
            using var held = command == "serve" ? DataDirectoryLock.Take(_runner.Data) : null;
            string[] last = command == "localserve" && !arguments.Contains("--data-dir") ? ["--data-dir", Served] : [];
            Assert.True(isServer || last.Length == 0);
            return await _runner.RunExactlyAsync("", ["--config", config ?? _runner.Config, .. words, .. last, .. arguments]);
        }

        /// <summary>An unusual text; as a file name it lies inside a test folder.</summary>
        public string OddValue(Symbol symbol, string odd) => symbol switch
        {
            // A server would start in a folder that it can create.
            { Name: "--data-dir" } => Path.Combine(_runner.Config, "x" + odd),
            { Name: "DIR" or "FILE" } => Path.Combine(_runner.Folder, "below", "x" + odd.TrimStart('/')),
            Option { HelpName: "DIR" or "FILE" } => Path.Combine(_runner.Folder, "below", "x" + odd.TrimStart('/')),
            _ => odd,
        };

        /// <summary>Creates a FIFO, a socket, a device, a directory, a dangling link and a file of 8 GB, which no command can read or replace silently.</summary>
        public IReadOnlyList<string> MakeUnusableFiles()
        {
            var folder = Directory.CreateDirectory(Path.Combine(_runner.Folder, Guid.NewGuid().ToString("N")[..8])).FullName;
            string At(string name) => Path.Combine(folder, name);
            Directory.CreateDirectory(At("folder"));
            File.CreateSymbolicLink(At("dangling"), At("missing/file"));
            using (var large = File.Create(At("large"))) large.SetLength(8L << 30);
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(new UnixDomainSocketEndPoint(At("socket")));
            Start("mkfifo", At("fifo"));
            // Only root can create a device; other users test without it.
            Start("mknod", At("device"), "c", "1", "5");
            return [.. Directory.GetFileSystemEntries(folder)];
        }

        private static void Start(string program, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
            process.WaitForExit();
        }

        /// <summary>A DNS server that answers NXDOMAIN to every query.</summary>
        private async Task AnswerNothingAsync()
        {
            try
            {
                while (await _resolver.ReceiveAsync() is { } query)
                {
                    // RFC 1035 §4.1.1: a response, recursion available, NXDOMAIN.
                    (query.Buffer[2], query.Buffer[3]) = ((byte)(query.Buffer[2] | 0x80), 0x83);
                    await _resolver.SendAsync(query.Buffer, query.RemoteEndPoint);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The tests have ended.
            }
        }

        private string Served => Path.Combine(_runner.Folder, "served");
    }
}
