using System.Data.Common;
using MailServer.Domain.Accounts;
using Microsoft.Data.Sqlite;

namespace MailServer.Storage.Directory;

/// <summary>
/// The connection for changes of mail.db. Each change is a <c>BEGIN IMMEDIATE</c> transaction;
/// a lock serialises them. SQLite works synchronously: returned tasks are already complete.
/// </summary>
internal sealed class SqliteDirectoryDatabase : IDirectoryDatabase, IDisposable
{
    private readonly Lock _lock = new();
    private readonly SqliteConnection _connection;
    private readonly string _path;

    private SqliteDirectoryDatabase(SqliteConnection connection, string path)
    {
        _connection = connection;
        _path = path;
    }

    public int MigrationsApplied { get; private init; }

    public static SqliteDirectoryDatabase Open(string path, bool create)
    {
        // The migrations would turn a file that was emptied by a fault into a directory without users.
        if (!create && new FileInfo(path) is { Exists: true, Length: 0 })
            throw new DirectoryException(DirectoryRefusal.DatabaseUnusable, path, new InvalidDataException("the file is empty"));
        var connection = DirectoryConnection.Open(path, create);
        try
        {
            return new SqliteDirectoryDatabase(connection, path) { MigrationsApplied = DirectoryMigrations.Apply(connection, path) };
        }
        catch (Exception e) when (e is SqliteException or DirectoryException)
        {
            connection.Dispose();
            if (e is SqliteException sqlite) throw DirectoryConnection.Translate(sqlite, path);
            throw;
        }
    }

    public ValueTask<T> ChangeAsync<T>(Func<DbConnection, T> change) => Do(() =>
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        var result = change(_connection);
        transaction.Commit();
        return result;
    });

    public void RaiseAccountIds(DbConnection connection, long id) =>
        connection.Execute("UPDATE sqlite_sequence SET seq = max(seq, @id) WHERE name = 'accounts'", ("@id", id));

    public ValueTask<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken cancel) => Do(() => read(_connection));

    public void Dispose()
    {
        lock (_lock) _connection.Dispose();
    }

    private ValueTask<T> Do<T>(Func<T> work)
    {
        lock (_lock)
        {
            try
            {
                return new ValueTask<T>(work());
            }
            catch (SqliteException e)
            {
                throw DirectoryConnection.Translate(e, _path);
            }
        }
    }
}
