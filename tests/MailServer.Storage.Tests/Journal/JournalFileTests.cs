using MailServer.Storage.Journal;
using Microsoft.Data.Sqlite;

namespace MailServer.Storage.Tests.Journal;

[Trait("Speed", "Slow")]
public sealed class JournalFileTests : IDisposable
{
    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("journal-").FullName;
    private readonly JournalFile _journal;

    public JournalFileTests() => _journal = new JournalFile(Path.Combine(_folder, "journal.db"), _folder, static (_, _) => true, TimeProvider.System);

    public void Dispose()
    {
        _journal.Dispose();
        System.IO.Directory.Delete(_folder, recursive: true);
    }

    // The partitions of the queue start together. With a pool, about one round in forty failed.
    [Fact]
    public void Connections_that_are_opened_at_the_same_time_are_never_shared()
    {
        _journal.Open();
        for (var round = 0; round < 200; round++) OpenTogether(16);
    }

    [Fact]
    public void The_log_stays_between_two_commits_until_the_journal_is_closed()
    {
        _journal.Open();
        for (var commit = 0; commit < 2; commit++)
        {
            Execute($"CREATE TABLE t{commit} (x)");
            Assert.True(new FileInfo(_journal.Path + "-wal") is { Exists: true, Length: > 0 });
        }

        _journal.Dispose();
        Assert.False(File.Exists(_journal.Path + "-wal"));
        Assert.Null(_journal.FindFault());
    }

    [Fact]
    public void A_copy_of_the_journal_made_during_the_last_run_is_recognised_as_an_older_one()
    {
        var copy = _journal.Path + ".copy";
        _journal.Open();
        Execute($"VACUUM INTO '{copy}'", isInTransaction: false);
        _journal.Dispose();
        Assert.Equal(JournalCondition.Continued, Condition());
        File.Copy(copy, _journal.Path, overwrite: true);
        Assert.Equal(JournalCondition.Replaced, Condition());
        Assert.Equal(JournalCondition.Replaced, Condition());
    }

    private JournalCondition Condition()
    {
        using var journal = new JournalFile(_journal.Path, _folder, static (_, _) => true, TimeProvider.System);
        return journal.Open().Condition;
    }

    private void OpenTogether(int count)
    {
        var failures = new List<Exception>();
        using var barrier = new Barrier(count);
        var threads = Enumerable.Range(0, count).Select(_ => new Thread(() =>
        {
            barrier.SignalAndWait();
            try
            {
                Execute("SELECT 1");
            }
            catch (SqliteException e)
            {
                lock (failures) failures.Add(e);
            }
        })).ToList();
        threads.ForEach(static t => t.Start());
        threads.ForEach(static t => t.Join());
        Assert.Empty(failures);
    }

    private void Execute(string sql, bool isInTransaction = true)
    {
        using var connection = new SqliteConnection(JournalFile.ConnectionTo(_journal.Path));
        connection.Open();
        using var transaction = isInTransaction ? connection.BeginTransaction(deferred: true) : null;
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        command.ExecuteNonQuery();
        Thread.Yield();
        transaction?.Commit();
    }
}
