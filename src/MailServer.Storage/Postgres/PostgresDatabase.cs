using MailServer.Domain.Accounts;
using Npgsql;

namespace MailServer.Storage.Postgres;

/// <summary>
/// The shared database of a cluster: connections, timeouts and translation of failures. The connection string contains a password and is never part of a message.
/// </summary>
public sealed class PostgresDatabase : IDisposable, IAsyncDisposable
{
    private const int ConnectSeconds = 3;
    private const int CommandSeconds = 5;
    private const int PreparedStatements = 40;

    /// <summary>Maximum number of connections per pool; PostgreSQL allows 100 in total by default.</summary>
    private const int Connections = 12;

    private readonly NpgsqlDataSource _source;

    /// <param name="connection">The connection string from the configuration.</param>
    /// <exception cref="ArgumentException">The connection string is invalid.</exception>
    public PostgresDatabase(string connection)
    {
        var settings = Parse(connection);
        Name = $"PostgreSQL {settings.Database} at {settings.Host}";
        ConnectionString = settings.ToString();
        _source = NpgsqlDataSource.Create(settings);
    }

    /// <summary>Database and host, for messages.</summary>
    public string Name { get; }

    /// <summary>The configured connection string, supplemented with default timeouts and limits.</summary>
    public string ConnectionString { get; }

    /// <summary>Checks a connection string; returns what is wrong without repeating it, or null.</summary>
    public static string? FindFault(string connection)
    {
        try
        {
            var settings = Parse(connection);
            if (string.IsNullOrEmpty(settings.Host)) return "has no Host";
            return string.IsNullOrEmpty(settings.Database) ? "has no Database" : null;
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

    /// <summary>Applies missing migrations and returns their number.</summary>
    /// <param name="create">Create the tables if they are missing; otherwise missing tables are an error.</param>
    public int Migrate(bool create)
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

    /// <summary>
    /// Closes all idle connections, including those of the journal. After a restart of the database pooled
    /// connections look intact until they are used, and failed writes to the journal are not repeated.
    /// </summary>
    public void CloseIdleConnections()
    {
        _source.Clear();
        NpgsqlConnection.ClearAllPools();
    }

    /// <summary>Runs statements that can be repeated safely; once more if the pooled connection was broken.</summary>
    internal T Repeat<T>(Func<NpgsqlConnection, T> work)
    {
        try
        {
            try
            {
                using var connection = Open();
                return work(connection);
            }
            catch (NpgsqlException e) when (e.IsTransient || e.SqlState == PostgresErrorCodes.AdminShutdown)
            {
                using var connection = Open();
                return work(connection);
            }
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Translate(e);
        }
    }

    public static bool IsFailure(Exception e) => e is NpgsqlException or TimeoutException;

    /// <summary>Converts a failure to a directory exception with PostgreSQL's message, which never contains the password.</summary>
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
        // An unavailable database must fail quickly instead of blocking sessions.
        if (!settings.ContainsKey("Timeout")) settings.Timeout = ConnectSeconds;
        if (!settings.ContainsKey("Command Timeout")) settings.CommandTimeout = CommandSeconds;
        if (!settings.ContainsKey("Maximum Pool Size")) settings.MaxPoolSize = Connections;
        if (!settings.ContainsKey("Max Auto Prepare")) settings.MaxAutoPrepare = PreparedStatements;
        if (!settings.ContainsKey("Cancellation Timeout")) settings.CancellationTimeout = 500;
        return settings;
    }
}
