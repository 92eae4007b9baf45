using MailServer.Domain.Accounts;
using MailServer.Storage.SafeFiles;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MailServer.Storage.Directory;

/// <summary>Opens connections to mail.db and prepares commands on them.</summary>
internal static class DirectoryConnection
{
    private const int BusySeconds = 10;

    public static SqliteConnection Open(string path, bool create)
    {
        if (!PathPresence.Exists(path))
        {
            if (!create) throw new DirectoryException(DirectoryRefusal.DatabaseMissing, path);
            CreatePrivately(path);
        }

        try
        {
            return OpenExisting(path);
        }
        catch (SqliteException e)
        {
            throw Translate(e, path);
        }
    }

    /// <summary>Opens a database; creates it with private permissions if it is missing. Failures are thrown as exceptions of SQLite.</summary>
    public static SqliteConnection OpenPrivately(string path)
    {
        if (!File.Exists(path)) CreatePrivately(path);
        return OpenExisting(path);
    }

    private static SqliteConnection OpenExisting(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            DefaultTimeout = BusySeconds,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            connection.Execute($"PRAGMA busy_timeout = {BusySeconds * 1000}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static DirectoryException Translate(SqliteException e, string path) =>
        new(e.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED ? DirectoryRefusal.DatabaseBusy : DirectoryRefusal.DatabaseUnusable, path, e);

    public static SqliteCommand Prepare(this SqliteConnection connection, string sql, params ReadOnlySpan<string> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters) command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }

    // The file contains password hashes, so only its owner may read it. SQLite creates the -wal and -shm files with the same mode.
    private static void CreatePrivately(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Posix.CreatePrivateDirectory(folder);
        try
        {
            PrivateFile.Create(path).Dispose();
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process has just created it.
        }
    }
}
