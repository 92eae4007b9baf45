using System.Globalization;
using MailServer.Domain.Backup;
using MailServer.Domain.Formatting;
using MailServer.Storage.Directory;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace MailServer.Storage.Postgres;

/// <summary>The number of rows of a table in the files of a single server.</summary>
public sealed record MigratedTable(string Name, long Rows);

/// <summary>
/// Moves the SQLite data of a single server (directory, bans, queue journal) to the shared database of a cluster, row by row under
/// the same names, in one transaction that commits only if all row counts agree. The files are only read. The target must be empty.
/// </summary>
public sealed class ClusterMigration(string directoryPath, string accessPath, string journalPath, PostgresDatabase target)
{
    // Ordered so that all references are valid.
    private static readonly string[] Directory = ["domains", "accounts", "credentials", "app_passwords", "aliases", "invitations", "lists", "list_members", "shares"];

    private static readonly string[] Access = ["bans", "network_rules", "queue_pauses"];

    /// <summary>Counts the rows to be moved.</summary>
    public IReadOnlyList<MigratedTable> Count()
    {
        var tables = new List<MigratedTable>();
        foreach (var source in Sources())
        {
            using var file = OpenFile(source.File);
            tables.AddRange(source.Tables.Select(name => new MigratedTable(name, file.ReadScalar($"SELECT count(*) FROM \"{name}\""))));
        }

        return tables;
    }

    /// <summary>Returns a table of the target that is not empty; null if there is none. Missing tables count as empty.</summary>
    public string? FindObstacle()
    {
        using var connection = target.Open();
        return Ask(() => Count().FirstOrDefault(table => Exists(connection, table.Name) && connection.ReadScalar($"SELECT 1 FROM \"{table.Name}\" LIMIT 1") != 0)?.Name);
    }

    /// <exception cref="InvalidDataException">The target is not empty, or its row counts do not agree at the end; it is unchanged.</exception>
    public void Run(IProgress<BackupProgress> progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(progress);
        using var connection = target.Open();
        Ask(() =>
        {
            using var transaction = connection.BeginTransaction();
            connection.Execute(PostgresExecutor.ChangeLock);
            if (FindObstacle() is { } obstacle) throw new InvalidDataException($"the table '{obstacle}' of the shared database is not empty");
            foreach (var source in Sources())
            {
                using var file = OpenFile(source.File);
                foreach (var table in source.Tables) Copy(file, connection, table, progress, cancel);
            }

            transaction.Commit();
            return true;
        });
    }

    private static void Copy(SqliteConnection file, NpgsqlConnection connection, string table, IProgress<BackupProgress> progress, CancellationToken cancel)
    {
        var total = file.ReadScalar($"SELECT count(*) FROM \"{table}\"");
        if (total == 0 && !Exists(connection, table)) return;
        var types = connection.ReadAll(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = @table AND table_schema = current_schema()",
            static row => (Name: row.GetString(0), Type: row.GetString(1)), ("@table", table)).ToDictionary(static c => c.Name, static c => c.Type, StringComparer.Ordinal);
        using var select = file.CreateCommand();
        select.CommandText = $"SELECT * FROM \"{table}\"";
        using var rows = select.ExecuteReader();
        var names = Enumerable.Range(0, rows.FieldCount).Select(rows.GetName).ToArray();
        if (Array.Find(names, name => !types.ContainsKey(name)) is { } unknown) throw new InvalidDataException($"the shared database has no column '{unknown}' in '{table}'");
        var columns = string.Join(", ", names.Select(static n => $"\"{n}\""));
        using var insert = new NpgsqlCommand($"INSERT INTO \"{table}\" ({columns}) OVERRIDING SYSTEM VALUE VALUES ({string.Join(", ", names.Select(static (_, i) => string.Create(CultureInfo.InvariantCulture, $"${i + 1}")))})", connection);
        long done = 0;
        while (rows.Read())
        {
            cancel.ThrowIfCancellationRequested();
            insert.Parameters.Clear();
            for (var i = 0; i < names.Length; i++) insert.Parameters.Add(new NpgsqlParameter { Value = Convert(rows.GetValue(i), types[names[i]]) });
            insert.ExecuteNonQuery();
            if (++done % 100 == 0) progress.Report(new BackupProgress(table, done, total, 0));
        }

        KeepNumbers(file, connection, table);
        var arrived = connection.ReadScalar($"SELECT count(*) FROM \"{table}\"");
        if (arrived != total) throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"only {arrived} of {Quantity.Of(total, "row")} of '{table}' were copied; nothing was changed"));
        progress.Report(new BackupProgress(table, done, total, 0));
    }

    /// <summary>Continues the id sequences, so that ids are never reused, not even those of deleted rows.</summary>
    private static void KeepNumbers(SqliteConnection file, NpgsqlConnection connection, string table)
    {
        var identity = connection.ReadAll(
            "SELECT column_name FROM information_schema.columns WHERE table_name = @table AND table_schema = current_schema() AND (is_identity = 'YES' OR column_default LIKE 'nextval%')",
            static row => row.GetString(0), ("@table", table)).FirstOrDefault();
        if (identity is null) return;
        var hasSequences = file.ReadScalar("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_sequence'") != 0;
        var given = hasSequences ? file.ReadScalar("SELECT seq FROM sqlite_sequence WHERE name = @table", ("@table", table)) : 0;
        var highest = Math.Max(given, connection.ReadScalar($"SELECT coalesce(max(\"{identity}\"), 0) FROM \"{table}\""));
        if (highest > 0) connection.ReadScalar("SELECT setval(pg_get_serial_sequence(@table, @column), @highest)", ("@table", table), ("@column", identity), ("@highest", highest));
    }

    private static object Convert(object value, string type) => (value, type) switch
    {
        (DBNull, _) => value,
        (long number, "boolean") => number != 0,
        (long number, "integer") => checked((int)number),
        _ => value,
    };

    private static bool Exists(NpgsqlConnection connection, string table) =>
        connection.ReadScalar("SELECT 1 WHERE to_regclass(@table) IS NOT NULL", ("@table", $"\"{table}\"")) != 0;

    private IEnumerable<(string File, IReadOnlyList<string> Tables)> Sources()
    {
        yield return (directoryPath, PresentIn(directoryPath, Directory));
        if (File.Exists(accessPath)) yield return (accessPath, PresentIn(accessPath, Access));
        if (!File.Exists(journalPath)) yield break;
        using var journal = OpenFile(journalPath);
        yield return (journalPath, journal.ReadAll("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name", static row => row.GetString(0)));
    }

    /// <summary>The tables that a file has: one of an earlier version may lack the newest.</summary>
    private static IReadOnlyList<string> PresentIn(string path, string[] tables)
    {
        using var file = OpenFile(path);
        var present = file.ReadAll("SELECT name FROM sqlite_master WHERE type = 'table'", static row => row.GetString(0));
        return [.. tables.Where(present.Contains)];
    }

    private static SqliteConnection OpenFile(string path)
    {
        if (!File.Exists(path)) throw new Domain.Accounts.DirectoryException(Domain.Accounts.DirectoryRefusal.DatabaseMissing, path);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw DirectoryConnection.Translate(e, path);
        }
    }

    private T Ask<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (PostgresDatabase.IsFailure(e))
        {
            throw target.Translate(e);
        }
        catch (SqliteException e)
        {
            throw DirectoryConnection.Translate(e, directoryPath);
        }
    }
}
