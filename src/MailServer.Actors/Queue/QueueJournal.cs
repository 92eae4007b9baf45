using System.Globalization;
using Akka.Configuration;

namespace MailServer.Actors.Queue;

/// <summary>
/// Where the queue's events are kept: <c>journal.db</c>, SQLite. WAL with a flush for each commit, so that what was answered survives a power
/// cut; what came while one commit was flushed goes into the next together, so that a flush is shared by hundreds of messages.
/// </summary>
public static class QueueJournal
{
    /// <summary>The configuration of the actor system for the journal that is opened with <paramref name="connection"/>.</summary>
    public static Config Configuration(string connection) =>
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
                    connection-string = "{{connection}}"
                    provider-name = "SQLite.MS"
                    tag-write-mode = Csv
                    batch-size = 400
                    max-row-by-row-size = 1
                    # SQLite has one writer: a second one would only wait for it.
                    parallelism = 1
                  }
                }
                snapshot-store {
                  plugin = "akka.persistence.snapshot-store.sql"
                  sql {
                    class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql"
                    connection-string = "{{connection}}"
                    provider-name = "SQLite.MS"
                  }
                }
              }
            }
            """));
}
