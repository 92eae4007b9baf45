using Akka.Configuration;
using MailServer.Actors.Queue;
using MailServer.Configuration;
using MailServer.Domain.Access;
using MailServer.Domain.Health;
using MailServer.Storage.Directory;
using MailServer.Storage.Health;
using MailServer.Storage.Postgres;
using MailServer.Storage.Sqlite;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>
/// What the nodes of a cluster share through PostgreSQL: directory, bans, journal. Without a cluster each of these is a file of the one node.
/// </summary>
internal sealed partial class SharedParts : IDisposable
{
    private const string Subject = "shared database";

    private readonly MailServerOptions _options;
    private readonly PostgresDatabase? _database;
    private readonly ChangeListener? _listener;
    private readonly NodeProblems _problems;
    private readonly StoreProblems _stores;
    private readonly ILogger _log;

    private SharedParts(MailServerOptions options, NodeProblems problems, StoreProblems stores, ILogger log)
    {
        _options = options;
        _problems = problems;
        _stores = stores;
        _log = log;
        if (!options.Cluster.Enabled) return;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(options.Storage.NodeDir);
        else Directory.CreateDirectory(options.Storage.NodeDir, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _database = Connect(options);
        _database.Prepare(create: false);
        _listener = ChangeListener.Start(_database, TimeProvider.System, OnConnection);
        Bans = new PostgresBans(_database, TimeProvider.System);
    }

    /// <summary>The bans of all nodes; null: each node has its own.</summary>
    public IBanStore? Bans { get; }

    public static SharedParts Open(MailServerOptions options, NodeProblems problems, StoreProblems stores, ILoggerFactory loggers) =>
        new(options, problems, stores, loggers.CreateLogger<SharedParts>());

    /// <summary>The directory for a program that does not serve, which remembers nothing.</summary>
    public static IDirectoryStore OpenDirectory(MailServerOptions options, bool create, TimeProvider time, Action<string, string, string>? audit) => options.Cluster.Enabled
        ? PostgresDirectory.Open(Connect(options), create, listener: null, time, audit, new AccountFolders(options.Storage.MaildirPath))
        : DirectoryStore.Open(options.Storage.DatabasePath, create, time, audit, new AccountFolders(options.Storage.MaildirPath));

    /// <summary>Where the queue's events are kept.</summary>
    public static Config Journal(MailServerOptions options)
    {
        if (!options.Cluster.Enabled) return QueueJournal.Configuration(JournalFile.ConnectionTo(options.Storage.JournalPath));
        using var database = Connect(options);
        return QueueJournal.Shared(database.ConnectionString);
    }

    public static PostgresDatabase Connect(MailServerOptions options)
    {
        var connection = options.Cluster.ReadConnection();
        return PostgresDatabase.FindFault(connection) is { } fault ? throw new InvalidDataException("cluster.database " + fault) : new PostgresDatabase(connection);
    }

    /// <summary>The directory of the server that runs.</summary>
    public IDirectoryStore OpenDirectory(Action<string, string, string> audit) => _database is null
        ? RecoveringDirectory.Open(_options.Storage.DatabasePath, TimeProvider.System, audit, new AccountFolders(_options.Storage.MaildirPath), _stores)
        : PostgresDirectory.Open(_database, create: false, _listener, TimeProvider.System, audit, new AccountFolders(_options.Storage.MaildirPath));

    public void WhenBansChange(Action reload)
    {
        if (_listener is null) return;
        _listener.Subscribe(what =>
        {
            if (what == ChangeListener.Bans) _ = Task.Run(reload);
        });
        // What was changed between its loading and now.
        reload();
    }

    /// <summary>The note of which cluster is the current one; only with a cluster.</summary>
    public ICurrentCluster CurrentCluster(TimeSpan timeToLive) =>
        new CurrentClusterTable(_database ?? throw new InvalidOperationException("clustering is not enabled"), timeToLive);

    public void Dispose()
    {
        _listener?.Dispose();
        _database?.Dispose();
    }

    private void OnConnection(Exception? lost)
    {
        if (lost is null)
        {
            _problems.Clear(Subject);
            LogBack();
            return;
        }

        _problems.Report(new NodeProblem(
            Subject,
            $"does not answer ({lost.Message}): what is not remembered is refused for now, and changes of other nodes are not seen",
            "start PostgreSQL, or check cluster.database and the network"));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The shared database answers again")]
    private partial void LogBack();
}
