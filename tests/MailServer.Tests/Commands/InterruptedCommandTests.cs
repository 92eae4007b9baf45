using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using MailServer.Commands;
using Xunit.Abstractions;

namespace MailServer.Tests.Commands;

/// <summary>
/// Every command that asks the running server, interrupted by a signal while the server does not answer, or has begun to (the long commands: both, by every
/// signal): the exit code is 128 plus the number of the signal, and the only message is that it was interrupted.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class InterruptedCommandTests(ITestOutputHelper report) : IAsyncLifetime, IDisposable
{
    private const string Ann = "ann@example.org";

    private static readonly (string Name, int Number)[] Signals = [("HUP", 1), ("INT", 2), ("TERM", 15)];

    /// <summary>Show something until they are interrupted: that is how they end.</summary>
    private static readonly string[] Endless = ["sessions tail", "sessions top", "cluster events"];

    // Not the copy beside the tests, which lacks the native libraries.
    private static readonly string Executable =
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "MailServer", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "mailserver"));

    private readonly CommandRunner _commands = new();

    // By process id: completed when the server has the first request of the process.
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _asked = [];
    private Socket _server = null!;
    private bool _answers;

    public async Task InitializeAsync()
    {
        await _commands.SetUpAsync(Ann);
        _server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _server.Bind(new UnixDomainSocketEndPoint(Path.Combine(_commands.Data, "admin.sock")));
        _server.Listen(1_000);
        await File.WriteAllTextAsync(At("one.mbox"), "From x\nSubject: one\n\ntext\n");
        await File.WriteAllTextAsync(At("one.ics"), "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T000000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
        Directory.CreateDirectory(At("backups"));
        _ = AcceptAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _server.Dispose();
        _commands.Dispose();
    }

    [Fact]
    public async Task Every_command_that_asks_the_server_reports_the_signal_that_interrupted_it()
    {
        var wrong = new ConcurrentQueue<string>();
        var interrupted = new ConcurrentBag<string>();
        string[][] all =
        [
            .. DataAccess.Commands.Where(static c => DataAccess.Of(c) is DataAccessMode.RunningServer or DataAccessMode.ServerOrLock).Order(StringComparer.Ordinal)
                .Select(static c => (string[])[.. c.Split(' '), .. CommandArgumentsTests.Plain(c)]),
            .. Long(),
        ];
        foreach (var answers in new[] { false, true })
        {
            _answers = answers;
            // Mostly waits.
            await Parallel.ForEachAsync(all.Index(), new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (one, cancel) =>
            {
                var (index, arguments) = one;
                var isLong = index >= all.Length - Long().Count;
                if (!isLong && index % 2 == 0 == answers) return;
                foreach (var (name, number) in isLong ? Signals : [Signals[index % Signals.Length]])
                {
                    var (ended, code, error) = await RunAsync(arguments, name, cancel);
                    if (ended) break;
                    interrupted.Add(string.Join(' ', arguments));
                    var isEndless = Endless.Any(e => string.Join(' ', arguments).StartsWith(e, StringComparison.Ordinal));
                    if (isEndless && code == 0) continue;
                    if (code != 128 + number || error.Trim() != "mailserver: interrupted") wrong.Enqueue($"{string.Join(' ', arguments)}, SIG{name}: {code} {error}");
                }
            });
        }

        Assert.True(wrong.IsEmpty, string.Join('\n', wrong));
        Assert.All(Long(), l => Assert.Contains(string.Join(' ', l), interrupted));
        Assert.True(interrupted.Count > 40, string.Join('\n', interrupted));
        report.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{interrupted.Count} interrupted"));
    }

    /// <summary>The commands that can take long, with arguments that make them ask the server.</summary>
    private List<string[]> Long() =>
    [
        ["backup", At("backups")], ["check"], ["check", "--repair", "--account", Ann], ["dav", "import", Ann, "calendar", At("one.ics")], ["dav", "export", Ann, "calendar"], ["import", "mbox", At("one.mbox"), "--account", Ann], ["doctor"], ["status"],
    ];

    private string At(string name) => Path.Combine(_commands.Folder, name);

    private async Task<(bool Ended, int Code, string Error)> RunAsync(string[] arguments, string signal, CancellationToken cancel)
    {
        // A test run in the background may ignore SIGHUP and SIGINT, and the command would inherit that.
        var start = new ProcessStartInfo("env", ["--default-signal=HUP,INT", Executable, .. arguments, "--config", _commands.Config])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_ROOT"] = Path.GetDirectoryName(Environment.ProcessPath!);
        start.Environment["DOTNET_TieredPGO"] = "0";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        var exit = process.WaitForExitAsync(cancel);
        await Task.WhenAny(exit, Asked(process.Id).Task, Task.Delay(TimeSpan.FromSeconds(30), cancel));
        // A command that needs no answer with these arguments ends by itself.
        await Task.WhenAny(exit, Task.Delay(TimeSpan.FromSeconds(1), cancel));
        if (process.HasExited) return (true, process.ExitCode, await error);
        await HandlesSignalsAsync(process, cancel);
        using (var kill = Process.Start("kill", ["-" + signal, process.Id.ToString(CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync(cancel);

        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            return (false, -1, "it goes on");
        }

        await output;
        return (false, process.ExitCode, await error);
    }

    /// <summary>Waits until the command has registered for signals. SIGHUP is the last one that it registers for.</summary>
    private static async Task HandlesSignalsAsync(Process process, CancellationToken cancel)
    {
        const string Caught = "SigCgt:";
        for (var tries = 0; tries < 600 && !process.HasExited; tries++)
        {
            try
            {
                var mask = (await File.ReadAllLinesAsync($"/proc/{process.Id}/status", cancel)).First(static l => l.StartsWith(Caught, StringComparison.Ordinal))[Caught.Length..].Trim();
                if ((ulong.Parse(mask, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 1) != 0) return;
            }
            catch (IOException)
            {
                // It has just ended.
            }

            await Task.Delay(50, cancel);
        }
    }

    private TaskCompletionSource Asked(int process) => _asked.GetOrAdd(process, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>The process at the other end.</summary>
    private static int PeerOf(Socket client)
    {
        // SOL_SOCKET, SO_PEERCRED and struct ucred of <sys/socket.h>: process, user, group.
        var credentials = new byte[12];
        client.GetRawSocketOption(1, 17, credentials);
        return BitConverter.ToInt32(credentials);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _server.AcceptAsync();
                _ = ServeAsync(client, Asked(PeerOf(client)));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    /// <summary>Reads a request, perhaps begins to answer, and then does nothing until the client has gone.</summary>
    private async Task ServeAsync(Socket client, TaskCompletionSource asked)
    {
        using var _ = client;
        var request = new byte[64 * 1024];
        try
        {
            var isFirst = true;
            while (await client.ReceiveAsync(request) > 0)
            {
                if (_answers && isFirst) await client.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());
                isFirst = false;
                asked.TrySetResult();
            }
        }
        catch (SocketException)
        {
            // The client has gone.
        }
    }
}
