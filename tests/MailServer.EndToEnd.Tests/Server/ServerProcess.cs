using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace MailServer.EndToEnd.Tests.Server;

/// <summary>
/// One server process on loopback, set up through its command line in its own folder, started with <c>serve</c>,
/// and ended by its process id.
/// </summary>
public sealed class ServerProcess : IAsyncDisposable
{
    public const string Password = "correct horse 9";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private int _users;
    private Process? _process;
    private readonly string _umask;
    private bool _keep;

    private ServerProcess(ServerSettings settings, string? umask)
    {
        _umask = umask is null ? "" : $"umask {umask}; ";
        Settings = settings;
        Ports = ServerPorts.Free();
        Folder = settings.Folder ?? Directory.CreateTempSubdirectory("mailserver-").FullName;
        ConfigFile = Path.Combine(Folder, "config.yaml");
        File.WriteAllText(ConfigFile, ServerConfiguration.Write(settings, Ports, Folder));
    }

    public ServerSettings Settings { get; }

    public string Domain => Settings.Domain;

    public ServerPorts Ports { get; }

    /// <summary>The folder that holds configuration, data and logs.</summary>
    public string Folder { get; }

    public string ConfigFile { get; }

    public string MaildirPath => Path.Combine(Folder, "data", "maildir");

    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("the server is not running");

    /// <summary>Creates a server with its domain, not yet started.</summary>
    /// <param name="settings">Settings that differ from the defaults.</param>
    /// <param name="umask">The umask of the server and its commands; null: that of the tests.</param>
    public static async Task<ServerProcess> CreateAsync(ServerSettings? settings = null, string? umask = null)
    {
        var server = new ServerProcess(settings ?? new ServerSettings(), umask);
        // With another umask the commands are part of the test; an existing folder may have data already.
        if (umask is null && server.Settings.Folder is null) await PreparedData.CopyAsync(server.Domain, server.Folder);
        else await server.MakeDataAsync();
        return server;
    }

    /// <summary>Creates a server with a configuration and no data.</summary>
    internal static ServerProcess Describe(ServerSettings settings) => new(settings, umask: null);

    internal async Task MakeDataAsync()
    {
        (await CliAsync("migrate")).Succeeded();
        (await CliAsync("domain", "add", Domain)).Succeeded();
    }

    /// <summary>Creates and starts a server.</summary>
    public static async Task<ServerProcess> StartNewAsync(ServerSettings? settings = null)
    {
        var server = await CreateAsync(settings);
        await server.StartAsync();
        return server;
    }

    /// <summary>Runs the executable with this server's configuration.</summary>
    public Task<ProgramRun> CliAsync(params string[] arguments) => CliWithInputAsync(null, arguments);

    public Task<ProgramRun> CliWithInputAsync(string? input, params string[] arguments) =>
        ProgramRun.StartAsync("/bin/sh", ["-c", _umask + "exec \"$0\" \"$@\"", ProjectPaths.Executable, .. arguments, "--config", ConfigFile], input);

    /// <summary>Adds an account with <see cref="Password"/> and a unique name; returns its address.</summary>
    public async Task<string> AddUserAsync(string name = "user")
    {
        var address = $"{name}{Interlocked.Increment(ref _users).ToString(CultureInfo.InvariantCulture)}@{Domain}";
        (await CliAsync("user", "add", address, "--password", Password)).Succeeded();
        return address;
    }

    /// <summary>Starts <c>serve</c> and waits until every port answers.</summary>
    public Task StartAsync() => StartAsync(new Dictionary<string, string>(StringComparer.Ordinal));

    /// <param name="environment">Additional environment variables of the process.</param>
    /// <param name="before">Shell commands that run first, such as <c>ulimit -n 1024; </c>.</param>
    public async Task StartAsync(IReadOnlyDictionary<string, string> environment, string before = "")
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            // exec makes this process the server itself. A test run in the background may ignore SIGHUP and SIGINT, and the server would inherit that.
            ArgumentList = { "-c", _umask + before + "exec env --default-signal=HUP,INT \"$0\" serve --config \"$1\" >>\"$2\" 2>&1", ProjectPaths.Executable, ConfigFile, Path.Combine(Folder, "output.log") },
            WorkingDirectory = Folder,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_ROOT"] = ProjectPaths.DotnetRoot;
        // Most servers here run for seconds: precompiled code is fast enough, and recompiling it takes half of their time.
        start.Environment["DOTNET_TC_CallCounting"] = "0";
        foreach (var (name, value) in environment) start.Environment[name] = value;
        _process = Process.Start(start);
        var watch = Stopwatch.StartNew();
        foreach (var port in Ports.Mail.Append(Ports.Admin))
        {
            while (!await AnswersAsync(port))
            {
                if (_process!.HasExited || watch.Elapsed > StartTimeout)
                {
                    _keep = true;
                    Assert.Fail($"port {port} never answered; {Folder}: {string.Concat(Directory.EnumerateFiles(Folder, "*.log").Select(static f => $"\n{Path.GetFileName(f)}: {File.ReadAllText(f)}"))}");
                }

                await Task.Delay(20);
            }
        }

        // The first lines are held back until the start has succeeded.
        var log = Path.Combine(Folder, "server.log");
        if ((await File.ReadAllTextAsync(ConfigFile)).Contains($"output: {log}", StringComparison.Ordinal))
            await Eventually.BecomesTrueAsync(() => Path.Exists(log), "the log is written");
    }

    /// <summary>Sends SIGKILL, which ends a process like a power cut.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>Sends SIGTERM; returns the exit code.</summary>
    public async Task<int> StopAsync(string signal = "TERM")
    {
        var process = _process ?? throw new InvalidOperationException("the server is not running");
        await Signals.SendAsync(process.Id, signal);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException e)
        {
            await KillAsync();
            throw new TimeoutException($"the server did not end within 20 s of SIG{signal}", e);
        }

        var exitCode = process.ExitCode;
        process.Dispose();
        _process = null;
        return exitCode;
    }

    public async Task RestartAsync()
    {
        Assert.Equal(0, await StopAsync());
        await StartAsync();
    }

    /// <summary>Asserts that the same process still runs and accepts connections.</summary>
    public async Task AssertServesAsync()
    {
        Assert.False(_process!.HasExited, "the server has ended");
        foreach (var port in Ports.Mail)
        {
            Assert.True(await AnswersAsync(port), $"port {port} does not answer");
        }
    }

    /// <summary>The proportional set size in KiB: private memory and the share of shared memory.</summary>
    public long ProportionalMemory()
    {
        var line = File.ReadLines($"/proc/{ProcessId}/smaps_rollup").First(l => l.StartsWith("Pss:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>The resident set size in KiB.</summary>
    public long ResidentMemory()
    {
        var line = File.ReadLines($"/proc/{ProcessId}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>All message files of all accounts that contain <paramref name="text"/>.</summary>
    public IReadOnlyList<string> FilesWith(string text) =>
        [.. MessageFiles().Where(f => File.Exists(f) && File.ReadAllText(f, System.Text.Encoding.Latin1).Contains(text, StringComparison.Ordinal))];

    /// <summary>The message files of all accounts.</summary>
    public IEnumerable<string> MessageFiles() =>
        Directory.EnumerateFiles(MaildirPath, "*", SearchOption.AllDirectories).Where(static f => Path.GetFileName(Path.GetDirectoryName(f)) is "cur" or "new");

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (!_keep && Settings.Folder is null && Environment.GetEnvironmentVariable("MAILSERVER_KEEP") is null)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
