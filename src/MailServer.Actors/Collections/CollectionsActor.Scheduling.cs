using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Requests;
using MailServer.Protocol.Scheduling;

namespace MailServer.Actors.Collections;

/// <summary>
/// Scheduling: a change and its messages become durable together; then one actor delivers each message. The client is answered after each message was
/// attempted once, because SCHEDULE-STATUS is written into the stored object meanwhile and the answer must match it. The wait is bounded.
/// </summary>
internal sealed partial class CollectionsActor
{
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(4);

    private readonly ImplicitScheduling _scheduling;
    private readonly IncomingScheduling _incoming;
    private readonly Dictionary<long, SchedulingMessage> _inFlight = [];
    private readonly Dictionary<string, Dictionary<EmailAddress, string>> _statuses = new(StringComparer.Ordinal);
    private readonly List<DeferredReply> _held = [];
    private long _started;

    /// <summary>A message whose actor fails repeatedly is left alone until the next start.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(3, TimeSpan.FromMinutes(1), _ => Directive.Restart);

    private long LastMessage => Store.Scheduling.LastMessage;

    private bool OnScheduling(object message)
    {
        switch (message)
        {
            case CollectionProtocol.ReceiveScheduling receive:
                Receive(receive);
                return true;
            case SchedulingProtocol.MessageFinished ended:
                OnEnded(ended);
                return true;
            case SchedulingProtocol.MessageDelayed delayed:
                Release(delayed.Message);
                return true;
            case ReleaseDeferredReply release:
                Release(release.Held);
                return true;
            default:
                return message is CollectionProtocol.ResumeScheduling or ReceiveTimeout;
        }
    }

    private void Receive(CollectionProtocol.ReceiveScheduling receive)
    {
        try
        {
            Answer(Sender, new CollectionProtocol.SchedulingReceived(Account, _incoming.Receive(Store, receive.Sender, receive.Body, receive.Key)));
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            LogFailed(e, Account, nameof(Receive));
            Sender.Tell(new CollectionProtocol.SchedulingReceived(Account, null));
            Undo();
        }
    }

    /// <summary>Starts pending messages, up to the limit of concurrent deliveries.</summary>
    private void SendWaiting()
    {
        if (_store is null) return;
        if (Store.Scheduling.PendingCount <= _inFlight.Count || _inFlight.Count >= _services.Limits.SchedulingInFlight) return;
        foreach (var message in Store.Scheduling.Messages(_started, _services.Limits.SchedulingInFlight))
        {
            if (_inFlight.Count >= _services.Limits.SchedulingInFlight) return;
            _started = message.Id;
            if (_inFlight.TryAdd(message.Id, message)) Context.ActorOf(_services.Carrier(Account, message, _services));
        }
    }

    private void AnswerWhenSent(IActorRef client, CollectionReply reply, long before)
    {
        var held = new DeferredReply(client, reply, before, LastMessage);
        _held.Add(held);
        Timers.StartSingleTimer(held, new ReleaseDeferredReply(held), LongestHold);
        if (_unanswered.Count == 0) Answer(ActorRefs.Nobody, held);
    }

    private void OnEnded(SchedulingProtocol.MessageFinished ended)
    {
        if (!_inFlight.Remove(ended.Message, out var message)) return;
        try
        {
            Store.Scheduling.Remove(ended.Message);
            if (!_statuses.TryGetValue(message.Uid, out var statuses)) _statuses.Add(message.Uid, statuses = []);
            statuses[message.Recipient] = ended.Status;
            if (!_inFlight.Values.Any(m => m.Uid == message.Uid)) WriteStatuses(message.Uid);
            Answer(ActorRefs.Nobody, ended);
            Release(ended.Message);
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            LogFailed(e, Account, nameof(OnEnded));
            Undo();
        }
    }

    /// <summary>RFC 6638 §3.2.9. The schedule tag stays, because the owner's data has not changed.</summary>
    private void WriteStatuses(string uid)
    {
        if (!_statuses.Remove(uid, out var statuses)) return;
        if (Store.Scheduling.Find(uid) is not { } path || Store.Scheduling.Read(path) is not { } entry) return;
        if (SchedulingObject.Parse(entry.Body) is not { } stored || ScheduleStatus.Write(stored, statuses) is not { } text) return;
        var resource = NewResourceReader.Read(path.Space, text, null) with { ScheduleTag = entry.ScheduleTag, Revision = Store.Scheduling.RevisionOf(entry) };
        Store.Change(new CollectionRequest.Put(path, AttachmentRules.Keep(Store, path, resource)));
    }

    private void Release(long message)
    {
        foreach (var held in _held.Where(h => h.Ends(message)).ToArray()) Release(held);
    }

    private void Release(DeferredReply held)
    {
        if (!_held.Remove(held)) return;
        Timers.Cancel(held);
        Answer(held.Client, held.Reply is CollectionReply.Stored stored ? stored with { Rewritten = true } : held.Reply);
    }

    /// <summary>Clients whose change was rolled back must not be told that it succeeded.</summary>
    private void ForgetHeld()
    {
        foreach (var held in _held)
        {
            Timers.Cancel(held);
            held.Client.Tell(Unavailable);
        }

        _held.Clear();
        _statuses.Clear();
        _started = 0;
    }

    /// <summary>A reply that is deferred until the messages after <paramref name="after"/>, up to <paramref name="last"/>, were attempted.</summary>
    private sealed class DeferredReply(IActorRef client, CollectionReply reply, long after, long last) : INoSerializationVerificationNeeded
    {
        private readonly HashSet<long> _tried = [];

        public IActorRef Client => client;

        public CollectionReply Reply => reply;

        public bool Ends(long message) => message > after && message <= last && _tried.Add(message) && _tried.Count == last - after;
    }

    private sealed record ReleaseDeferredReply(DeferredReply Held) : INoSerializationVerificationNeeded;
}
