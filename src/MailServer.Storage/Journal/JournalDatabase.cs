using System.Data.Common;
using MailServer.Storage.Directory;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace MailServer.Storage.Journal;

/// <summary>
/// Reads and writes the tables of the queue journal (<see cref="JournalTables"/>) in SQLite or PostgreSQL. All methods block on the database. Thread-safe.
/// </summary>
public sealed class JournalDatabase
{
    private const string Insert = """
        INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, tags, manifest, identifier, writer_uuid)
        VALUES (@created, @deleted, @id, @number, @content, '', @manifest, @serializer, @writer)
        """;

    private const string InRange = "persistence_id = @id AND sequence_number BETWEEN @first AND @last AND created BETWEEN @from AND @until";

    private readonly Func<DbConnection> _connect;

    private JournalDatabase(Func<DbConnection> connect) => _connect = connect;

    /// <summary>A journal in SQLite. Each operation opens the file, so that one that was replaced is noticed.</summary>
    public static JournalDatabase InFile(string connection) => new(() => new SqliteConnection(connection));

    /// <summary>A journal in PostgreSQL.</summary>
    public static JournalDatabase Shared(string connection) => new(() => new NpgsqlConnection(connection));

    /// <summary>Stores events in one transaction. They survive a power cut when the method returns.</summary>
    public void Append(IReadOnlyCollection<JournalEntry> entries)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        if (connection.CanCreateBatch)
        {
            // One round trip for all.
            using var batch = connection.CreateBatch();
            foreach (var entry in entries)
            {
                var command = batch.CreateBatchCommand();
                command.CommandText = Insert;
                foreach (var (name, value) in ParametersOf(entry)) command.Parameters.Add(new NpgsqlParameter(name, value));
                batch.BatchCommands.Add(command);
            }

            batch.ExecuteNonQuery();
        }
        else
        {
            foreach (var entry in entries) connection.Execute(Insert, ParametersOf(entry));
        }

        transaction.Commit();
    }

    /// <summary>Reads the events of an actor in order.</summary>
    /// <param name="id">The actor.</param>
    /// <param name="first">The first sequence number.</param>
    /// <param name="last">The last sequence number.</param>
    /// <param name="max">The largest number of events.</param>
    /// <param name="found">Called for each of them.</param>
    public void Read(string id, long first, long last, long max, Action<JournalEntry> found)
    {
        using var connection = Open();
        connection.ReadEach(
            """
            SELECT sequence_number, created, message, manifest, identifier, writer_uuid FROM journal
            WHERE persistence_id = @id AND sequence_number BETWEEN @first AND @last AND deleted = @deleted ORDER BY sequence_number LIMIT @max
            """,
            row => found(new JournalEntry(id, row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2), Text(row, 3), row.GetInt32(4), Text(row, 5))),
            ("@id", id), ("@first", first), ("@last", last), ("@deleted", false), ("@max", max));
    }

    /// <summary>The sequence number of the last event of an actor, also if it was deleted; 0 if there was none.</summary>
    public long HighestNumber(string id)
    {
        using var connection = Open();
        return connection.ReadScalar("SELECT max(sequence_number) FROM journal WHERE persistence_id = @id", ("@id", id));
    }

    /// <summary>Deletes the events of an actor up to a sequence number. The last one stays as a mark, so that its number is never given again.</summary>
    public void Delete(string id, long last)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        connection.Execute("UPDATE journal SET deleted = @deleted WHERE persistence_id = @id AND sequence_number <= @last", ("@id", id), ("@last", last), ("@deleted", true));
        connection.Execute(
            """
            DELETE FROM journal WHERE persistence_id = @id AND sequence_number <= @last
            AND sequence_number < (SELECT max(sequence_number) FROM journal WHERE persistence_id = @id AND deleted = @deleted)
            """,
            ("@id", id), ("@last", last), ("@deleted", true));
        transaction.Commit();
    }

    /// <summary>The last snapshot in a range; null if there is none.</summary>
    public JournalSnapshot? FindSnapshot(SnapshotRange range)
    {
        using var connection = Open();
        return connection.ReadAll(
            $"SELECT sequence_number, created, snapshot, manifest, serializer_id FROM snapshot WHERE {InRange} ORDER BY sequence_number DESC LIMIT 1",
            row => new JournalSnapshot(range.PersistenceId, row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2), Text(row, 3), row.GetInt32(4)),
            ParametersOf(range)).FirstOrDefault();
    }

    /// <summary>Stores a snapshot; it replaces one with the same sequence number.</summary>
    public void Save(JournalSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        using var connection = Open();
        connection.Execute(
            """
            INSERT INTO snapshot (persistence_id, sequence_number, created, snapshot, manifest, serializer_id) VALUES (@id, @number, @created, @content, @manifest, @serializer)
            ON CONFLICT (persistence_id, sequence_number) DO UPDATE
            SET created = excluded.created, snapshot = excluded.snapshot, manifest = excluded.manifest, serializer_id = excluded.serializer_id
            """,
            ("@id", snapshot.PersistenceId), ("@number", snapshot.SequenceNumber), ("@created", snapshot.Created),
            ("@content", snapshot.Content), ("@manifest", snapshot.Manifest), ("@serializer", snapshot.Serializer));
    }

    public void DeleteSnapshots(SnapshotRange range)
    {
        using var connection = Open();
        connection.Execute($"DELETE FROM snapshot WHERE {InRange}", ParametersOf(range));
    }

    private DbConnection Open()
    {
        var connection = _connect();
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static string Text(DbDataReader row, int column) => row.IsDBNull(column) ? "" : row.GetString(column);

    private static (string Name, object Value)[] ParametersOf(JournalEntry entry) =>
    [
        ("@created", entry.Created), ("@deleted", false), ("@id", entry.PersistenceId), ("@number", entry.SequenceNumber), ("@content", entry.Content),
        ("@manifest", entry.Manifest), ("@serializer", entry.Serializer), ("@writer", entry.Writer),
    ];

    private static (string Name, object Value)[] ParametersOf(SnapshotRange range) =>
        [("@id", range.PersistenceId), ("@first", range.FirstNumber), ("@last", range.LastNumber), ("@from", range.FirstCreated), ("@until", range.LastCreated)];
}
