using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;

namespace MailServer.Actors.Queue;

/// <summary>
/// Where the queue's events are kept: <c>journal.db</c>, SQLite, or on several nodes their PostgreSQL. Each commit is flushed (WAL in the one, as
/// it comes in the other), so that what was answered survives a power cut; what came while one commit was flushed goes into the next together, so
/// that a flush is shared by hundreds of messages.
/// </summary>
public static class QueueJournal
{
    private const int TableTries = 150;
    private static readonly TimeSpan TableWait = TimeSpan.FromMilliseconds(100);

    /// <summary>The configuration of the actor system for the journal in SQLite, which has one writer: a second one would only wait for it.</summary>
    public static Config Configuration(string connection) => Configuration(connection, "SQLite.MS", writers: 1);

    /// <summary>Whether an entry of a journal can be read; for who examines the file.</summary>
    public static bool CanRead(string manifest, byte[] entry) => QueueEventForm.CanRead(manifest, entry);

    /// <summary>The same for the journal in PostgreSQL. Its tables are made at the first start.</summary>
    public static Config Shared(string connection) => Configuration(connection, "PostgreSQL.15", writers: 3);

    /// <summary>Lets the library make the journal's tables in PostgreSQL, and waits until <paramref name="made"/> sees them.</summary>
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
                if (tries == TableTries) throw new InvalidDataException("the tables of the journal could not be made; may the user of cluster.database create tables?");
                await Task.Delay(TableWait, cancel);
            }
        }
        finally
        {
            await system.Terminate();
        }
    }

    private static Config Configuration(string connection, string provider, int writers) =>
        ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $$"""
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
                  }
                }
                snapshot-store {
                  plugin = "akka.persistence.snapshot-store.sql"
                  sql {
                    class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql"
                    connection-string = "{{Quote(connection)}}"
                    provider-name = "{{provider}}"
                  }
                }
              }
            }
            """));

    private static string Quote(string text) => Cluster.DatabaseLease.Quote(text);
}
