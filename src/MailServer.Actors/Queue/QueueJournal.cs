using System.Globalization;
using Akka.Configuration;
using MailServer.Storage.Journal;

namespace MailServer.Actors.Queue;

/// <summary>
/// Configures the journal of the queue: <c>journal.db</c> in SQLite, or a shared PostgreSQL database in a cluster. Each commit is flushed, so confirmed
/// events survive a power failure. Events that arrive during a flush share the next commit, so one flush serves hundreds of messages.
/// </summary>
public static class QueueJournal
{
    // Longer than a connection to SQLite waits for another one, so that a slow disk is not taken for a failed one.
    private static readonly TimeSpan FileTimeout = JournalFile.BusyTimeout + TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DatabaseTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The actor system configuration for SQLite, which has a single writer: more would only wait for it.</summary>
    public static Config Configuration(string connection) => Configuration(connection, isShared: false, writers: 1, FileTimeout);

    /// <summary>True when a journal entry can be read; used to examine the file.</summary>
    public static bool CanRead(string manifest, byte[] entry) => QueueEventCodec.CanRead(manifest, entry);

    /// <summary>The actor system configuration for PostgreSQL.</summary>
    public static Config Shared(string connection) => Configuration(connection, isShared: true, writers: 3, DatabaseTimeout);

    /// <summary>The journal of a configuration.</summary>
    internal static JournalDatabase DatabaseOf(Config config)
    {
        var connection = config.GetString("connection-string");
        return config.GetBoolean("is-shared") ? JournalDatabase.Shared(connection) : JournalDatabase.InFile(connection);
    }

    private static Config Configuration(string connection, bool isShared, int writers, TimeSpan timeout)
    {
        // A stopped partition starts again after a delay of its own. A breaker that opens at the tenth failure would keep the queue closed for another half
        // minute after the fault is gone.
        var breaker = string.Create(CultureInfo.InvariantCulture, $"circuit-breaker {{ max-failures = {int.MaxValue}, call-timeout = {timeout.TotalSeconds}s, reset-timeout = 1s }}");
        var store = $"connection-string = \"{Quote(connection)}\"\n is-shared = {(isShared ? "on" : "off")}\n {breaker}";
        return ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $$"""
            akka.persistence {
              max-concurrent-recoveries = 16
              journal {
                plugin = "akka.persistence.journal.queue"
                queue {
                  class = "{{typeof(QueueEventJournal).AssemblyQualifiedName}}"
                  writers = {{writers}}
                  {{store}}
                }
              }
              snapshot-store {
                plugin = "akka.persistence.snapshot-store.queue"
                queue {
                  class = "{{typeof(QueueSnapshotStore).AssemblyQualifiedName}}"
                  {{store}}
                }
              }
            }
            """));
    }

    private static string Quote(string text) => Cluster.DatabaseLease.Quote(text);
}
