using MailServer.Domain.Accounts;
using MailServer.Storage.Directory;
using Npgsql;

namespace MailServer.Storage.Postgres;

/// <summary>
/// The database that the nodes of a cluster share: how its connections are opened, how long anything may take, and how its failures are told.
/// The connection string holds a password and is never part of a message.
/// </summary>
public sealed class PostgresDatabase : IDisposable, IAsyncDisposable
{
    private const int ConnectSeconds = 3;
    private const int CommandSeconds = 5;
    private const int PreparedStatements = 40;

    /// <summary>Connections of one part of a node; PostgreSQL grants 100 in all as it comes.</summary>
    private const int Connections = 12;

    private readonly NpgsqlDataSource _source;

    /// <param name="connection">As configured.</param>
    /// <exception cref="ArgumentException">It is no connection string.</exception>
    public PostgresDatabase(string connection)
    {
        var settings = Parse(connection);
        Name = $"PostgreSQL {settings.Database} at {settings.Host}";
        ConnectionString = settings.ToString();
        _source = NpgsqlDataSource.Create(settings);
    }

    /// <summary>Database and host, for messages.</summary>
    public string Name { get; }

    /// <summary>What was configured, with the bounds that were not.</summary>
    public string ConnectionString { get; }

    /// <summary>What is wrong with a connection string, without repeating it; null when it can be tried.</summary>
    public static string? FindFault(string connection)
    {
        try
        {
            var settings = Parse(connection);
            if (string.IsNullOrEmpty(settings.Host)) return "names no Host";
            return string.IsNullOrEmpty(settings.Database) ? "names no Database" : null;
        }
        catch (ArgumentException)
        {
            return "is not a connection string such as 'Host=db.example.org;Database=mailserver;Username=mailserver;Password=...'";
        }
    }

    public NpgsqlConnection Open()
    {
        try
        {
            return _source.OpenConnection();
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Translate(e);
        }
    }

    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancel)
    {
        try
        {
            return await _source.OpenConnectionAsync(cancel);
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Translate(e);
        }
    }

    /// <summary>Brings the tables up to date. Returns the number of steps taken.</summary>
    /// <param name="create">Make them when there are none; otherwise their absence is refused.</param>
    public int Prepare(bool create)
    {
        using var connection = Open();
        try
        {
            if (!create && !PostgresSchema.Exists(connection)) throw new DirectoryException(DirectoryRefusal.DatabaseMissing, Name);
            return PostgresSchema.Apply(connection, Name);
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Translate(e);
        }
    }

    /// <summary>The library has made what the journal needs.</summary>
    public bool HasJournal()
    {
        using var connection = Open();
        return connection.ReadScalar("SELECT 1 WHERE to_regclass('journal') IS NOT NULL AND to_regclass('snapshot') IS NOT NULL") != 0;
    }

    /// <summary>
    /// Closes the connections that lie unused, the journal's too: those of a database that has ended look whole until somebody writes to them, and the
    /// library of the journal does not write twice.
    /// </summary>
    public void CloseUnused()
    {
        _source.Clear();
        NpgsqlConnection.ClearAllPools();
    }

    public static bool IsFailure(Exception e) => e is NpgsqlException or TimeoutException;

    /// <summary>What PostgreSQL said is in it; it never says the password.</summary>
    public DirectoryException Translate(Exception e)
    {
        ArgumentNullException.ThrowIfNull(e);
        return new(DirectoryRefusal.DatabaseUnusable, e is PostgresException said ? $"{Name} ({said.SqlState}: {said.MessageText})" : $"{Name} ({e.Message})", e);
    }

    public void Dispose() => _source.Dispose();

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static NpgsqlConnectionStringBuilder Parse(string connection)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection) { ApplicationName = "mailserver", IncludeErrorDetail = false, PersistSecurityInfo = false };
        // A database that does not answer must be an error soon, not a session that hangs.
        if (!settings.ContainsKey("Timeout")) settings.Timeout = ConnectSeconds;
        if (!settings.ContainsKey("Command Timeout")) settings.CommandTimeout = CommandSeconds;
        if (!settings.ContainsKey("Maximum Pool Size")) settings.MaxPoolSize = Connections;
        if (!settings.ContainsKey("Max Auto Prepare")) settings.MaxAutoPrepare = PreparedStatements;
        if (!settings.ContainsKey("Cancellation Timeout")) settings.CancellationTimeout = 500;
        return settings;
    }
}
