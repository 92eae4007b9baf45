using System.Diagnostics;
using System.Globalization;
using MailServer.TestSupport;

namespace MailServer.Storage.Tests.Postgres;

/// <summary>
/// A PostgreSQL server for tests: Debian's binaries, run by an unprivileged user in its own folder, reached over a Unix socket, so it needs no port.
/// It can be stopped and restarted.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    private static readonly Lazy<PostgresServer> SharedServer = new(StartShared);
    private static int Databases;
    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("pg-").FullName;
    private readonly bool _durable;
    private Process? _process;

    /// <param name="durable">True: flushes to the disk, for tests that kill it.</param>
    public PostgresServer(bool durable = false)
    {
        _durable = durable;
        if (IsRoot) Run("chown", "postgres", _folder);
        Run("chmod", "755", _folder);
        RunAsUser(Program("initdb")!, "-D", Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8");
        Start();
    }

    /// <summary>Shared by all tests of the process that do not stop it.</summary>
    public static PostgresServer Shared => SharedServer.Value;

    /// <summary>The reason why it is unavailable; null if available.</summary>
    public static string? Missing => Program("initdb") is null ? "not installed: postgresql" : null;

    private static bool IsRoot => Environment.UserName == "root";

    /// <summary>The folder of its socket.</summary>
    public string Folder => _folder;

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Creates an empty database; returns its connection string.</summary>
    public string CreateDatabase()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref Databases)}");
        Query("postgres", $"CREATE DATABASE {name}");
        return $"Host={_folder};Database={name};Username=postgres";
    }

    /// <summary>Runs a query in <c>psql</c> and returns the plain output.</summary>
    public string Query(string database, string sql) =>
        Run(Program("psql")!, "-h", _folder, "-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1", "-Atqc", sql).Trim();

    /// <summary>The same for the database of a connection string.</summary>
    public string QueryAt(string connection, string sql) =>
        Query(connection.Split(';').First(p => p.StartsWith("Database=", StringComparison.Ordinal))["Database=".Length..], sql);

    public void Start()
    {
        var flush = _durable ? "on" : "off";
        string[] command =
        [
            Program("postgres")!, "-D", Data, "-k", _folder, "-c", "listen_addresses=", "-c", $"fsync={flush}", "-c", $"full_page_writes={flush}",
            "-c", "max_connections=200", "-c", "shared_buffers=16MB",
        ];
        var start = StartOf(AsUser(command));
        _process = Process.Start(start) ?? throw new InvalidOperationException("cannot start postgres");
        _process.ErrorDataReceived += static (_, _) => { };
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        var watch = Stopwatch.StartNew();
        while (!Answers())
        {
            if (_process.HasExited || watch.Elapsed > TimeSpan.FromSeconds(30)) throw new InvalidOperationException("postgres does not answer");
        }
    }

    /// <summary>Stops it and closes every connection (INT), or crashes it (QUIT).</summary>
    public void Stop(string signal = "INT")
    {
        if (_process is null) return;
        Run("kill", $"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture));
        if (!_process.WaitForExit(TimeSpan.FromSeconds(20))) throw new TimeoutException("postgres did not end");
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        Stop("QUIT");
        System.IO.Directory.Delete(_folder, recursive: true);
    }

    private static PostgresServer StartShared()
    {
        var server = new PostgresServer();
        RunCleanup.Add(server.Dispose);
        return server;
    }

    private static string? Program(string name)
    {
        var debian = System.IO.Directory.Exists("/usr/lib/postgresql") ? System.IO.Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(d => Path.Combine(d, "bin")) : [];
        return debian.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')).Select(p => Path.Combine(p, name)).FirstOrDefault(File.Exists);
    }

    private static string[] AsUser(string[] command) => IsRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", .. command] : command;

    private static void RunAsUser(params string[] command) => Run(AsUser(command));

    private static string Run(params string[] command)
    {
        using var process = Process.Start(StartOf(command)) ?? throw new InvalidOperationException("cannot start " + command[0]);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', command)}: {output}{error.GetAwaiter().GetResult()}");
    }

    private static ProcessStartInfo StartOf(string[] command) =>
        new(command[0], command[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };

    private bool Answers()
    {
        try
        {
            return Query("postgres", "SELECT 1") == "1";
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
