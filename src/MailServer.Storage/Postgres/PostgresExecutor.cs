using System.Data;
using System.Data.Common;
using MailServer.Domain.Accounts;
using MailServer.Storage.Directory;
using Npgsql;

namespace MailServer.Storage.Postgres;

/// <summary>
/// Runs work on the shared database on thread pool threads, with limited concurrency. After a failed
/// connection, further requests fail at once for one second, so that an outage does not block every caller.
/// </summary>
internal sealed class PostgresExecutor(PostgresDatabase database, TimeProvider time) : IDirectoryDatabase, IDisposable
{
    private const int AtOnce = 8;

    // Serialises changes, as BEGIN IMMEDIATE does on mail.db.
    public const string ChangeLock = "SELECT pg_advisory_xact_lock(4772)";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _slots = new(AtOnce);
    private long _failedAt;

    /// <summary>Reads data; repeats the read once on another connection if the pooled connection was broken.</summary>
    public async ValueTask<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken cancel)
    {
        try
        {
            return await RunAsync(c => InTransaction(c, IsolationLevel.RepeatableRead, read), cancel);
        }
        catch (DirectoryException e) when (e.InnerException is NpgsqlException { IsTransient: true } or PostgresException { SqlState: PostgresErrorCodes.AdminShutdown })
        {
            return await RunAsync(c => InTransaction(c, IsolationLevel.RepeatableRead, read), cancel);
        }
    }

    /// <summary>Makes a change. It is not repeated after a failure, because it may already have been committed.</summary>
    public ValueTask<T> ChangeAsync<T>(Func<DbConnection, T> change) => RunAsync(
        connection => InTransaction(connection, IsolationLevel.ReadCommitted, c =>
        {
            c.Execute(ChangeLock);
            return change(c);
        }),
        CancellationToken.None);

    public void RaiseAccountIds(DbConnection connection, long id) => connection.ReadScalar(
        "SELECT setval(pg_get_serial_sequence('accounts', 'id'), greatest(@id, nextval(pg_get_serial_sequence('accounts', 'id'))))", ("@id", id));

    public void Dispose() => _slots.Dispose();

    private async ValueTask<T> RunAsync<T>(Func<NpgsqlConnection, T> work, CancellationToken cancel)
    {
        if (!await _slots.WaitAsync(Patience, cancel)) throw new DirectoryException(DirectoryRefusal.DatabaseBusy, database.Name);
        try
        {
            return await Task.Run(() => Do(work), cancel);
        }
        finally
        {
            _slots.Release();
        }
    }

    private T Do<T>(Func<NpgsqlConnection, T> work)
    {
        using var connection = Connect();
        try
        {
            return work(connection);
        }
        catch (Exception e) when (PostgresDatabase.IsFailure(e))
        {
            throw database.Translate(e);
        }
    }

    private NpgsqlConnection Connect()
    {
        var failed = Volatile.Read(ref _failedAt);
        if (failed != 0 && time.GetElapsedTime(failed) < AfterFailure) throw new DirectoryException(DirectoryRefusal.DatabaseUnusable, database.Name);
        try
        {
            var connection = database.Open();
            Volatile.Write(ref _failedAt, 0);
            return connection;
        }
        catch (DirectoryException)
        {
            Volatile.Write(ref _failedAt, time.GetTimestamp());
            throw;
        }
    }

    private static T InTransaction<T>(NpgsqlConnection connection, IsolationLevel isolation, Func<DbConnection, T> work)
    {
        using var transaction = connection.BeginTransaction(isolation);
        var result = work(connection);
        transaction.Commit();
        return result;
    }
}
