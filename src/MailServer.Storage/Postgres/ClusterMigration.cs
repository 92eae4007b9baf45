using System.Globalization;
using MailServer.Domain.Backup;
using MailServer.Storage.Directory;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace MailServer.Storage.Postgres;

/// <summary>How many rows a table has in the files of a single server.</summary>
public sealed record MigratedTable(string Name, long Rows);

/// <summary>
/// Moves what a single server keeps in SQLite (directory, bans, queue journal) into the database of a cluster: row by row under the same names, in one
/// transaction that is committed only when every count agrees. The files are read and never written. The target must be empty.
/// </summary>
public sealed class ClusterMigration(string directoryPath, string accessPath, string journalPath, PostgresDatabase target)
{
    // An order that keeps every reference whole.
    private static readonly string[] s_directory = ["domains", "accounts", "credentials", "app_passwords", "aliases"];

    /// <summary>What there is to move.</summary>
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

    /// <summary>A table of the target that holds something already; null when nothing is in the way. Tables that are not there yet are empty.</summary>
    public string? FindObstacle()
    {
        using var connection = target.Open();
        return Ask(() => Count().FirstOrDefault(table => Exists(connection, table.Name) && connection.ReadScalar($"SELECT 1 FROM \"{table.Name}\" LIMIT 1") != 0)?.Name);
    }

    /// <exception cref="InvalidDataException">The target is not empty, or does not hold what it should in the end; it is as it was before.</exception>
    public void Run(IProgress<BackupProgress> progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(progress);
        using var connection = target.Open();
        Ask(() =>
        {
            using var transaction = connection.BeginTransaction();
            connection.Execute(PostgresWork.ChangeLock);
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
        if (arrived != total) throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{arrived} of {total} rows of '{table}' arrived; nothing was moved"));
        progress.Report(new BackupProgress(table, done, total, 0));
    }

    /// <summary>A number that was given once is never given again, not even that of a row that is gone.</summary>
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
        yield return (directoryPath, s_directory);
        if (File.Exists(accessPath)) yield return (accessPath, ["bans"]);
        if (!File.Exists(journalPath)) yield break;
        using var journal = OpenFile(journalPath);
        yield return (journalPath, journal.ReadAll("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name", static row => row.GetString(0)));
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
