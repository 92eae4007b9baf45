using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Snapshot;
using MailServer.Storage.Journal;

namespace MailServer.Actors.Queue;

/// <summary>The snapshot plugin of Akka.Persistence: stores the state of the queue partitions (<see cref="JournalDatabase"/>).</summary>
internal sealed class QueueSnapshotStore(Config config) : SnapshotStore
{
    private readonly JournalDatabase _database = QueueJournal.DatabaseOf(config);

    protected override Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken) => Task.Run(
        () => _database.FindSnapshot(RangeOf(persistenceId, criteria)) is { } found
            ? new SelectedSnapshot(new SnapshotMetadata(persistenceId, found.SequenceNumber, new DateTime(found.Created, DateTimeKind.Utc)), QueueEventCodec.Decode(found.Content, found.Manifest))
            : null,
        cancellationToken);

    protected override Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken)
    {
        var row = new JournalSnapshot(metadata.PersistenceId, metadata.SequenceNr, metadata.Timestamp.Ticks, QueueEventCodec.Write(snapshot), QueueEventCodec.Manifest(snapshot), QueueEventCodec.Serializer);
        return Task.Run(() => _database.Save(row), cancellationToken);
    }

    protected override Task DeleteAsync(SnapshotMetadata metadata, CancellationToken cancellationToken) =>
        Task.Run(() => _database.DeleteSnapshots(new SnapshotRange(metadata.PersistenceId, metadata.SequenceNr, metadata.SequenceNr, 0, long.MaxValue)), cancellationToken);

    protected override Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken) =>
        Task.Run(() => _database.DeleteSnapshots(RangeOf(persistenceId, criteria)), cancellationToken);

    private static SnapshotRange RangeOf(string persistenceId, SnapshotSelectionCriteria criteria) =>
        new(persistenceId, criteria.MinSequenceNr, criteria.MaxSequenceNr, criteria.MinTimestamp?.Ticks ?? 0, criteria.MaxTimeStamp.Ticks);
}
