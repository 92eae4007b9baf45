using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using MailServer.Storage.Sqlite;

namespace MailServer.Actors.Queue;

/// <summary>
/// Configures the journal of the queue: <c>journal.db</c> in SQLite, or a shared PostgreSQL database in a cluster. Each commit is flushed, so confirmed
/// events survive a power failure. Events that arrive during a flush share the next commit, so one flush serves hundreds of messages.
/// </summary>
public static class QueueJournal
{
    private const int TableTries = 150;

    // Longer than a connection to SQLite waits for another one, so that a slow disk is not taken for a failed one.
    private static readonly TimeSpan FileTimeout = JournalFile.BusyTimeout + TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DatabaseTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TableWait = TimeSpan.FromMilliseconds(100);

    /// <summary>The actor system configuration for SQLite, which has a single writer: more would only wait for it.</summary>
    public static Config Configuration(string connection) => Configuration(connection, "SQLite.MS", writers: 1, FileTimeout);

    /// <summary>True when a journal entry can be read; used to examine the file.</summary>
    public static bool CanRead(string manifest, byte[] entry) => QueueEventCodec.CanRead(manifest, entry);

    /// <summary>The actor system configuration for PostgreSQL. The tables are created at the first start.</summary>
    public static Config Shared(string connection) => Configuration(connection, "PostgreSQL.15", writers: 3, DatabaseTimeout);

    /// <summary>Lets the library create the journal tables in PostgreSQL, and waits until <paramref name="made"/> finds them.</summary>
    public static async Task PrepareSharedAsync(string connection, Func<bool> made, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(made);
        var system = ActorSystem.Create("journal", ConfigurationFactory.ParseString("akka.stdout-loglevel = OFF, akka.loglevel = OFF").WithFallback(Shared(connection)));
        try
        {
            var persistence = Persistence.Instance.Apply(system);
            persistence.JournalFor(null);
            persistence.SnapshotStoreFor(null);
            for (var tries = 0; !made(); tries++)
            {
                if (tries == TableTries) throw new InvalidDataException("the journal tables could not be created; check that the user of cluster.database may create tables");
                await Task.Delay(TableWait, cancel);
            }
        }
        finally
        {
            await system.Terminate();
        }
    }

    private static Config Configuration(string connection, string provider, int writers, TimeSpan timeout)
    {
        // A stopped partition starts again after a delay of its own. A breaker that opens at the tenth failure would keep the queue closed for another half
        // minute after the fault is gone.
        var breaker = string.Create(CultureInfo.InvariantCulture, $"circuit-breaker {{ max-failures = {int.MaxValue}, call-timeout = {timeout.TotalSeconds}s, reset-timeout = 1s }}");
        return ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $$"""
            akka {
              actor {
                serializers.queue = "{{typeof(QueueSerializer).AssemblyQualifiedName}}"
                serialization-bindings {
                  "{{typeof(QueueEvent).AssemblyQualifiedName}}" = queue
                  "{{typeof(QueueSnapshot).AssemblyQualifiedName}}" = queue
                }
                serialization-identifiers {
                  "{{typeof(QueueSerializer).AssemblyQualifiedName}}" = {{QueueSerializer.Id}}
                }
              }
              persistence {
                max-concurrent-recoveries = 16
                journal {
                  plugin = "akka.persistence.journal.sql"
                  sql {
                    class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql"
                    connection-string = "{{Quote(connection)}}"
                    provider-name = "{{provider}}"
                    tag-write-mode = Csv
                    batch-size = 400
                    max-row-by-row-size = 1
                    parallelism = {{writers}}
                    {{breaker}}
                  }
                }
                snapshot-store {
                  plugin = "akka.persistence.snapshot-store.sql"
                  sql {
                    class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql"
                    connection-string = "{{Quote(connection)}}"
                    provider-name = "{{provider}}"
                    {{breaker}}
                  }
                }
              }
            }
            """));
    }

    private static string Quote(string text) => Cluster.DatabaseLease.Quote(text);
}
