using System.Collections.Concurrent;
using System.Globalization;
using MailServer.Storage.Directory;
using MailServer.Storage.Postgres;
using MailServer.Storage.Tests.Directory;

namespace MailServer.Storage.Tests.Postgres;

/// <summary>A directory in its own database, opened by any number of nodes.</summary>
public sealed class PostgresDirectoryFixture : DirectoryFixture
{
    private readonly ConcurrentDictionary<ChangeListener, string> _heard = new();
    private readonly List<IDisposable> _parts = [];
    private readonly PostgresServer _server;
    private int _marks;

    public PostgresDirectoryFixture() : this(PostgresServer.Shared)
    {
    }

    public PostgresDirectoryFixture(PostgresServer server)
    {
        _server = server;
        Connection = server.CreateDatabase();
        Store = Open(create: true);
    }

    public string Connection { get; }

    public override IDirectoryStore Store { get; }

    public IEnumerable<ChangeListener> Listeners => _heard.Keys;

    public override IDirectoryStore OpenAnother() => Open(create: false);

    /// <summary>Notifications arrive in the order of the changes: once a marker arrives, all earlier ones have.</summary>
    public override async Task HeardAsync()
    {
        var mark = string.Create(CultureInfo.InvariantCulture, $"mark-{Interlocked.Increment(ref _marks)}");
        _server.QueryAt(Connection, $"SELECT pg_notify('mailserver_changes', '{mark}')");
        for (var i = 0; _heard.Values.Any(h => h != mark); i++)
        {
            Assert.True(i < 500, "the listeners hear nothing");
            await Task.Delay(10);
        }
    }

    public override void Dispose()
    {
        _parts.Reverse();
        _parts.ForEach(p => p.Dispose());
        System.IO.Directory.Delete(MaildirPath, recursive: true);
    }

    private PostgresDirectory Open(bool create)
    {
        var database = Keep(new PostgresDatabase(Connection));
        database.Migrate(create);
        var listener = Keep(ChangeListener.Start(database, TimeProvider.System, static _ => { }));
        _heard[listener] = "";
        listener.Subscribe(what => _heard[listener] = what);
        return Keep(PostgresDirectory.Open(database, create, listener, TimeProvider.System, audit: null, Folders));
    }

    private T Keep<T>(T part) where T : IDisposable
    {
        _parts.Add(part);
        return part;
    }
}
