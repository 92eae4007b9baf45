using Akka.Configuration;
using MailServer.Actors.Queue;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Access;
using MailServer.Domain.Delivery;
using MailServer.Domain.Health;
using MailServer.Storage.Directory;
using MailServer.Storage.Health;
using MailServer.Storage.Postgres;
using MailServer.Storage.Journal;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>
/// The stores that the nodes of a cluster share in PostgreSQL: directory, bans, pauses, journal. Without a cluster each of them is a local file.
/// </summary>
internal sealed partial class SharedStores : IDisposable
{
    private const string Subject = "shared database";

    private readonly MailServerOptions _options;
    private readonly PostgresDatabase? _database;
    private readonly ChangeListener? _listener;
    private readonly NodeProblems _problems;
    private readonly StoreProblems _stores;
    private readonly ILogger _log;

    private SharedStores(MailServerOptions options, NodeProblems problems, StoreProblems stores, ILogger log)
    {
        _options = options;
        _problems = problems;
        _stores = stores;
        _log = log;
        if (!options.Cluster.Enabled) return;
        DataFolder.Create(options.Storage.NodeDir);
        _database = Connect(options);
        _database.Migrate(create: false);
        _listener = ChangeListener.Start(_database, TimeProvider.System, OnConnection);
        Bans = new PostgresBanStore(_database, TimeProvider.System);
        Pauses = new PostgresQueuePauseStore(_database);
    }

    /// <summary>The shared bans; null without a cluster.</summary>
    public IBanStore? Bans { get; }

    /// <summary>The shared pauses of the queue; null without a cluster.</summary>
    public IQueuePauseStore? Pauses { get; }

    public static SharedStores Open(MailServerOptions options, NodeProblems problems, StoreProblems stores, ILoggerFactory loggers) =>
        new(options, problems, stores, loggers.CreateLogger<SharedStores>());

    /// <summary>Opens the directory for a command, without a cache.</summary>
    public static IDirectoryStore OpenDirectory(MailServerOptions options, bool create, TimeProvider time, Action<string, string, string>? audit) => options.Cluster.Enabled
        ? PostgresDirectory.Open(Connect(options), create, listener: null, time, audit, new AccountFolders(options.Storage.MaildirPath))
        : DirectoryStore.Open(options.Storage.DatabasePath, create, time, audit, new AccountFolders(options.Storage.MaildirPath));

    /// <summary>The journal configuration of the queue.</summary>
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

    /// <summary>Opens the directory for the running server.</summary>
    public IDirectoryStore OpenDirectory(Action<string, string, string> audit) => _database is null
        ? RecoveringDirectory.Open(_options.Storage.DatabasePath, TimeProvider.System, audit, new AccountFolders(_options.Storage.MaildirPath), _stores)
        : PostgresDirectory.Open(_database, create: false, _listener, TimeProvider.System, audit, new AccountFolders(_options.Storage.MaildirPath));

    public void WhenBansChange(Action reload) => WhenChanged(ChangeListener.Bans, reload);

    public void WhenPausesChange(Action reload) => WhenChanged(ChangeListener.QueuePauses, reload);

    private void WhenChanged(string topic, Action reload)
    {
        if (_listener is null) return;
        _listener.Subscribe(what =>
        {
            if (what == topic) _ = Task.Run(reload);
        });
        // Picks up changes made between loading and subscribing.
        reload();
    }

    /// <summary>The record of the current cluster in the database.</summary>
    /// <exception cref="InvalidOperationException">Clustering is not enabled.</exception>
    public ICurrentClusterRegistry CurrentCluster(TimeSpan timeToLive) =>
        new CurrentClusterLease(_database ?? throw new InvalidOperationException("clustering is not enabled"), timeToLive);

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
            $"does not answer ({lost.Message}): requests that are not cached fail for now, and changes by other nodes are not visible",
            "start PostgreSQL, or check cluster.database and the network"));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Shared database is available again")]
    private partial void LogBack();
}
