using MailServer.Storage.Journal;
using MailServer.Storage.Postgres;
using MailServer.Storage.Tests.Postgres;
using Microsoft.Data.Sqlite;

namespace MailServer.Storage.Tests.Journal;

/// <summary>The journal of the queue in both databases.</summary>
public sealed class JournalDatabaseTests : IDisposable
{
    private const string Id = "queue-0";

    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("journal-").FullName;
    private readonly JournalFile _file;

    public JournalDatabaseTests() => _file = new JournalFile(Path.Combine(_folder, "journal.db"), _folder, static (_, _) => true, TimeProvider.System);

    public void Dispose()
    {
        _file.Dispose();
        System.IO.Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Events_are_read_in_order_and_a_number_is_never_given_again() => CheckEvents(OpenFile());

    [PostgresFact]
    public void Events_are_read_in_order_and_a_number_is_never_given_again_in_PostgreSQL() => CheckEvents(OpenShared());

    private static void CheckEvents(JournalDatabase journal)
    {
        Assert.Equal(0, journal.HighestNumber(Id));
        journal.Append([Entry(Id, 1), Entry("queue-1", 1), Entry(Id, 2)]);
        journal.Append([Entry(Id, 4), Entry(Id, 3)]);
        Assert.Equal([1, 2, 3, 4], Numbers(journal, 1, long.MaxValue, long.MaxValue));
        Assert.Equal([2, 3], Numbers(journal, 2, 3, long.MaxValue));
        Assert.Equal([2], Numbers(journal, 2, 3, 1));
        Assert.Equivalent(Entry("queue-1", 1), Read(journal, "queue-1").Single());

        journal.Delete(Id, 2);
        Assert.Equal([3, 4], Numbers(journal, 1, long.MaxValue, long.MaxValue));
        journal.Delete(Id, 4);
        journal.Delete(Id, 3);
        Assert.Empty(Read(journal, Id));
        Assert.Equal(4, journal.HighestNumber(Id));
        Assert.Single(Read(journal, "queue-1"));
        journal.Append([Entry(Id, 5)]);
        Assert.Equal([5], Numbers(journal, 1, long.MaxValue, long.MaxValue));
    }

    [Fact]
    public void Events_of_one_commit_are_stored_together_or_not_at_all() => CheckCommit(OpenFile());

    [PostgresFact]
    public void Events_of_one_commit_are_stored_together_or_not_at_all_in_PostgreSQL() => CheckCommit(OpenShared());

    private static void CheckCommit(JournalDatabase journal)
    {
        journal.Append([Entry(Id, 1)]);
        Assert.ThrowsAny<System.Data.Common.DbException>(() => journal.Append([Entry(Id, 2), Entry(Id, 1), Entry(Id, 3)]));
        Assert.Equal([1], Numbers(journal, 1, long.MaxValue, long.MaxValue));
        journal.Append([]);
    }

    [Fact]
    public void The_last_snapshot_of_a_range_is_found_and_others_are_deleted() => CheckSnapshots(OpenFile());

    [PostgresFact]
    public void The_last_snapshot_of_a_range_is_found_and_others_are_deleted_in_PostgreSQL() => CheckSnapshots(OpenShared());

    private static void CheckSnapshots(JournalDatabase journal)
    {
        var all = new SnapshotRange(Id, 0, long.MaxValue, 0, long.MaxValue);
        Assert.Null(journal.FindSnapshot(all));
        for (var number = 10; number <= 30; number += 10) journal.Save(Snapshot(number));
        journal.Save(Snapshot(30) with { Content = [9], Created = 31 });
        Assert.Equivalent(Snapshot(30) with { Content = [9], Created = 31 }, journal.FindSnapshot(all));
        Assert.Equal(20, journal.FindSnapshot(all with { LastNumber = 29 })?.SequenceNumber);
        Assert.Equal(20, journal.FindSnapshot(all with { LastCreated = 29 })?.SequenceNumber);
        Assert.Null(journal.FindSnapshot(all with { PersistenceId = "queue-1" }));
        journal.DeleteSnapshots(all with { LastNumber = 29 });
        Assert.Equal(30, journal.FindSnapshot(all)?.SequenceNumber);
        Assert.Null(journal.FindSnapshot(all with { LastNumber = 29 }));
    }

    // The tables as Akka.Persistence.Sql 1.5 created them.
    [Fact]
    public void A_journal_of_an_earlier_version_is_read_and_continued()
    {
        using (var older = new SqliteConnection($"Data Source={_file.Path};Pooling=False"))
        {
            older.Open();
            using var command = older.CreateCommand();
            command.CommandText = """
                CREATE TABLE [journal] ([ordering] INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, [created] INTEGER NOT NULL, [deleted] Bit NOT NULL, [persistence_id] NVarChar(255) NOT NULL,
                  [sequence_number] INTEGER NOT NULL, [message] VarBinary NOT NULL, [tags] NVarChar(100) NULL, [manifest] NVarChar(500) NULL, [identifier] INTEGER NULL, [writer_uuid] NVarChar(128) NULL);
                CREATE UNIQUE INDEX journal_uq ON journal (persistence_id, sequence_number);
                CREATE TABLE [snapshot] ([persistence_id] NVarChar(255) NOT NULL, [sequence_number] INTEGER NOT NULL, [created] INTEGER NOT NULL, [snapshot] VarBinary NULL,
                  [manifest] NVarChar(500) NULL, [serializer_id] INTEGER NULL, CONSTRAINT [PK_snapshot] PRIMARY KEY ([persistence_id], [sequence_number]));
                INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, tags, manifest, identifier, writer_uuid)
                VALUES (2, 1, 'queue-0', 2, x'01', '', 'm', 7301, 'w'), (3, 0, 'queue-0', 3, x'0103', '', 'm', 7301, NULL);
                INSERT INTO snapshot VALUES ('queue-0', 2, 20, x'02', 's', 7301);
                """;
            command.ExecuteNonQuery();
        }

        var journal = OpenFile();
        Assert.Equivalent(new JournalEntry(Id, 3, 3, [1, 3], "m", 7301, ""), Read(journal, Id).Single());
        Assert.Equal([2], journal.FindSnapshot(new SnapshotRange(Id, 0, long.MaxValue, 0, long.MaxValue))?.Content);
        journal.Append([Entry(Id, 4)]);
        journal.Save(Snapshot(4));
        Assert.Equal([3, 4], Numbers(journal, 1, long.MaxValue, long.MaxValue));
        Assert.Null(_file.FindFault());
    }

    [Fact]
    public async Task Parallel_writes_are_all_stored_and_those_accepted_before_the_end_too()
    {
        var journal = OpenFile();
        Task[] writing;
        using (var writer = new JournalWriter(journal, 1))
        {
            writing = [.. Enumerable.Range(0, 50).Select(n => Task.Run(async () =>
            {
                for (var number = 1; number <= 20; number++) await writer.AppendAsync([Entry($"queue-{n}", number)]);
            }))];
            await Task.WhenAll(writing);
            writing = [.. Enumerable.Range(0, 50).Select(n => writer.AppendAsync([Entry($"queue-{n}", 21)]))];
        }

        await Task.WhenAll(writing);
        for (var n = 0; n < 50; n++) Assert.Equal(21, journal.HighestNumber($"queue-{n}"));
    }

    [Fact]
    public async Task A_failed_write_is_reported_to_each_caller_and_the_next_one_succeeds()
    {
        var journal = OpenFile();
        var writer = new JournalWriter(journal, 1);
        journal.Append([Entry(Id, 1)]);
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => writer.AppendAsync([Entry(Id, 1)]));
        await writer.AppendAsync([Entry(Id, 2)]);
        Assert.Equal([1, 2], Numbers(journal, 1, long.MaxValue, long.MaxValue));
        writer.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => writer.AppendAsync([Entry(Id, 3)]));
    }

    private JournalDatabase OpenFile()
    {
        Assert.NotEqual(JournalCondition.Unusable, _file.Open().Condition);
        return JournalDatabase.InFile(JournalFile.ConnectionTo(_file.Path));
    }

    private static JournalDatabase OpenShared()
    {
        using var database = new PostgresDatabase(PostgresServer.Shared.CreateDatabase());
        database.Migrate(create: true);
        return JournalDatabase.Shared(database.ConnectionString);
    }

    private static JournalEntry Entry(string id, long number) => new(id, number, 100 + number, [1, (byte)number], "m", 7301, "w");

    private static JournalSnapshot Snapshot(long number) => new(Id, number, number, [2], "s", 7301);

    private static List<JournalEntry> Read(JournalDatabase journal, string id)
    {
        var found = new List<JournalEntry>();
        journal.Read(id, 1, long.MaxValue, long.MaxValue, found.Add);
        return found;
    }

    private static IEnumerable<long> Numbers(JournalDatabase journal, long first, long last, long max)
    {
        var found = new List<JournalEntry>();
        journal.Read(Id, first, last, max, found.Add);
        return found.Select(static e => e.SequenceNumber);
    }
}
