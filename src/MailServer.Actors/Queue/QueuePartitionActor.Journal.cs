using Akka.Actor;
using Akka.Persistence;
using MailServer.Actors.Entities;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Queue;

// Reading the journal at start, journal failures, and recovery from the envelopes in the spool.
internal sealed partial class QueuePartitionActor
{
    private const int EnvelopesInOneTurn = 500;

    private readonly bool _isReplaced;

    // Finished according to the journal; their files may still exist.
    private readonly HashSet<SpoolId> _finished = [];

    // The requests whose events are being written.
    private readonly Dictionary<QueueEvent, (object Request, IActorRef Client)> _unanswered = new(ReferenceEqualityComparer.Instance);

    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer { Snapshot: QueueSnapshot snapshot }:
                _state.Restore(snapshot);
                break;
            case QueueEvent happened:
                if (_state.Apply(happened) is { } item && !_state.Contains(item.Message)) _finished.Add(item.Message);
                _events++;
                break;
            case RecoveryCompleted:
                OnRecovered();
                break;
        }
    }

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        LogRejected(cause, _partition);
        if (@event is QueueEvent rejected && _unanswered.Remove(rejected, out var asked)) asked.Client.Tell(QueueProtocol.Refusal(asked.Request, $"the journal rejected it: {cause.Message}"));
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        Context.System.ActorSelection(QueueActor.Path).Tell(new QueueProtocol.PartitionFailed(_partition, cause.Message));
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        Context.System.ActorSelection(QueueActor.Path).Tell(new QueueProtocol.PartitionFailed(_partition, reason.Message));
        base.OnRecoveryFailure(reason, message);
    }

    /// <summary>Refuses the waiting requests, which can no longer be answered.</summary>
    protected override void PostStop()
    {
        foreach (var (request, client) in _unanswered.Values) client.Tell(QueueProtocol.Refusal(request, "the queue stopped while the change was written; it may have been made", mayHaveIt: true));
        base.PostStop();
    }

    private void OnRecovered()
    {
        if (_isReplaced) CatchUp();
        else DropFinished();
        foreach (var id in _state.Messages) _due.Add(id, default);
        ScheduleWake();
        Context.System.ActorSelection(QueueActor.Path).Tell(new QueueProtocol.PartitionRecovered(_partition));
        if (_state.Messages.Where(m => !_services.Spool.Contains(m)).ToArray() is { Length: > 0 } lost)
        {
            foreach (var message in lost) LogLost(message);
            Self.Tell(new QueueProtocol.ContentLost(lost));
        }

        if (_state.Messages.Where(m => !_services.Spool.Envelopes.Contains(m)).ToArray() is { Length: > 0 } bare) Self.Tell(new QueueProtocol.WriteEnvelopes(bare));
    }

    /// <summary>
    /// Drops messages of which neither content nor envelope is left: they were finished after this copy of the journal was made, by a run that did not end
    /// normally, so the copy was not recognised as an older one.
    /// </summary>
    private void DropFinished()
    {
        var finished = _state.Messages.Where(m => !_services.Spool.Contains(m) && !_services.Spool.Envelopes.Contains(m)).ToArray();
        foreach (var message in finished) Drop(message);
        if (finished.Length > 0) Snapshot();
    }

    private void Drop(SpoolId message)
    {
        LogSuperseded(message);
        _state.Apply(new QueueEvent.Deleted(message));
    }

    /// <summary>Applies changes that the envelopes contain and an older copy of the journal does not.</summary>
    private void CatchUp()
    {
        foreach (var message in _state.Messages.ToArray())
        {
            var envelope = QueueEnvelope.Find(_services.Spool, message);
            if (envelope is null && !_services.Spool.Contains(message))
            {
                // Finished after the copy was made.
                Drop(message);
            }
            else if (envelope is { IsFinished: true })
            {
                _state.Apply(new QueueEvent.Deleted(message));
                RemoveFiles(message);
            }
            else if (envelope is not null)
            {
                _state.Apply(new QueueEvent.Queued(envelope));
            }
        }

        Snapshot();
    }

    /// <summary>Removes the files of a finished message. What cannot be removed stays until the next start; the queue must not stop because of it.</summary>
    private void RemoveFiles(SpoolId message)
    {
        _services.Unreadable.Remove(message);
        try
        {
            _services.Spool.Remove(message);
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            LogNotRemoved(e, message);
        }
    }

    private bool TrySecureNames()
    {
        try
        {
            _services.Spool.SyncNames();
            return true;
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            LogSnapshotFailed(e, _partition);
            return false;
        }
    }

    private void OnFind(QueueProtocol.FindUnknown find)
    {
        foreach (var message in find.Messages.Where(_finished.Contains)) RemoveFiles(message);
        Sender.Tell(new QueueProtocol.UnknownMessages(_partition, [.. find.Messages.Where(m => !_state.Contains(m) && !_finished.Contains(m))], find.Messages));
    }

    private void WriteEnvelopes(IReadOnlyList<SpoolId> messages)
    {
        try
        {
            _services.Spool.Envelopes.WriteAll(messages.Take(EnvelopesInOneTurn).Select(_state.Find).OfType<QueueItem>().Select(static i => (i.Message, QueueEnvelope.Encode(new QueueEvent.Queued(i)))));
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            LogNoEnvelope(e, _partition);
            return;
        }

        if (messages.Count > EnvelopesInOneTurn) Self.Tell(new QueueProtocol.WriteEnvelopes([.. messages.Skip(EnvelopesInOneTurn)]));
    }

    /// <summary>Not flushed: it only prevents duplicates if the journal is lost.</summary>
    private void NoteInEnvelope(QueueEvent happened)
    {
        if (!_state.Contains(happened.Message) || !QueueEnvelope.Concerns(happened)) return;
        try
        {
            _services.Spool.Envelopes.Append(happened.Message, QueueEnvelope.Encode(happened));
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            LogNoEnvelope(e, _partition);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The journal of queue partition {Partition} rejected an event")]
    private partial void LogRejected(Exception cause, int partition);

    [LoggerMessage(Level = LogLevel.Error, Message = "The spool files of the finished message {Message} cannot be removed; the next start tries again")]
    private partial void LogNotRemoved(Exception exception, SpoolId message);

    [LoggerMessage(Level = LogLevel.Error, Message = "Queued message {Message} has no content in the spool and is given up")]
    private partial void LogLost(SpoolId message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Message {Message} dropped from the queue: it is no longer in the spool, and the journal is an older copy")]
    private partial void LogSuperseded(SpoolId message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Queue partition {Partition} could not write an envelope; if the journal is lost, some recipients may get duplicates")]
    private partial void LogNoEnvelope(Exception exception, int partition);
}
