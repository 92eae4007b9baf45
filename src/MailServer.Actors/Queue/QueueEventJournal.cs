using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Journal;
using MailServer.Storage.Journal;

namespace MailServer.Actors.Queue;

/// <summary>The journal plugin of Akka.Persistence: stores the events of the queue partitions (<see cref="JournalDatabase"/>).</summary>
internal sealed class QueueEventJournal : AsyncWriteJournal
{
    private readonly JournalDatabase _database;
    private readonly JournalWriter _writer;

    public QueueEventJournal(Config config)
    {
        _database = QueueJournal.DatabaseOf(config);
        _writer = new JournalWriter(_database, config.GetInt("writers"));
    }

    public override Task ReplayMessagesAsync(IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback) =>
        Task.Run(() => _database.Read(persistenceId, fromSequenceNr, toSequenceNr, max, entry => recoveryCallback(new Persistent(
            QueueEventCodec.Decode(entry.Content, entry.Manifest), entry.SequenceNumber, persistenceId, entry.Manifest, sender: ActorRefs.NoSender, writerGuid: entry.Writer, timestamp: entry.Created))));

    public override Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken) =>
        Task.Run(() => _database.HighestNumber(persistenceId), cancellationToken);

    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        await _writer.AppendAsync([.. messages.SelectMany(static write => (IEnumerable<IPersistentRepresentation>)write.Payload).Select(EntryOf)]).ConfigureAwait(false);
        // No event was rejected.
        return null!;
    }

    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken) =>
        Task.Run(() => _database.Delete(persistenceId, toSequenceNr), cancellationToken);

    protected override void PostStop()
    {
        _writer.Dispose();
        base.PostStop();
    }

    private static JournalEntry EntryOf(IPersistentRepresentation item) => new(
        item.PersistenceId,
        item.SequenceNr,
        item.Timestamp == 0 ? TimeProvider.System.GetUtcNow().UtcTicks : item.Timestamp,
        QueueEventCodec.Write(item.Payload),
        QueueEventCodec.Manifest(item.Payload),
        QueueEventCodec.Serializer,
        item.WriterGuid);
}
