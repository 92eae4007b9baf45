using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Domain.Timing;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Network.Push;
using MailServer.Protocol.Dav.Push;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Collections;

/// <summary>
/// Sends push notifications about changed collections, for the whole node. Changes in quick succession are combined: the first waits 300 ms, and a
/// subscription receives at most one message every two seconds. Failed messages are retried a few times; subscriptions that the push service no longer
/// knows are removed. Pending messages do not survive a restart, because a push only saves the client from waiting for its next poll.
/// </summary>
internal sealed partial class PushActor : UntypedActor, IWithTimers
{
    private const int MaxSending = 16;
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan[] Retries = [TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)];

    private readonly PushServices _push;
    private readonly Limits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Dictionary<string, PendingPush> _pending = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _lastTold = new(StringComparer.Ordinal);
    private readonly Queue<string> _ready = new();
    private readonly HashSet<string> _sending = new(StringComparer.Ordinal);

    public PushActor(PushServices push, Limits limits, TimeProvider time, ILogger log)
    {
        _push = push;
        _limits = limits;
        _time = time;
        _log = log;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(PushServices push, Limits limits, TimeProvider time, ILogger log) => ActorFactory.Props(() => new PushActor(push, limits, time, log));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ChangeCommitted changed:
                foreach (var subscription in changed.Change.Subscriptions) Remember(changed, subscription, Sender);
                break;
            case PushDue due:
                _ready.Enqueue(due.Subscription);
                SendReady();
                break;
            case PushSent sent:
                OnSent(sent);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Remember(ChangeCommitted changed, PushSubscription subscription, IActorRef collections)
    {
        if (_pending.TryGetValue(subscription.Id, out var waiting))
        {
            _pending[subscription.Id] = waiting with { Change = changed.Change with { Properties = changed.Change.Properties || waiting.Change.Properties } };
            return;
        }

        if (_pending.Count >= _limits.PushBacklog)
        {
            LogBacklog(_log);
            return;
        }

        var now = _time.GetUtcNow();
        var wait = Gather;
        if (_lastTold.TryGetValue(subscription.Id, out var last) && StoredTime.Bound(last + Apart, now, Apart) > now + Gather) wait = last + Apart - now;
        _pending.Add(subscription.Id, new PendingPush(changed.Account, changed.Change, subscription, collections, 0));
        Timers.StartSingleTimer(subscription.Id, new PushDue(subscription.Id), wait);
    }

    private void SendReady()
    {
        while (_sending.Count < MaxSending && _ready.TryDequeue(out var id))
        {
            if (!_pending.Remove(id, out var pending)) continue;
            _sending.Add(id);
            SendAsync(pending).PipeTo(Self, success: outcome => new PushSent(pending, outcome), failure: _ => new PushSent(pending, PushOutcome.Refused));
        }
    }

    // Async throughout: a failure affects only its own subscription.
    private async Task<PushOutcome> SendAsync(PendingPush pending)
    {
        var topic = _push.Vapid.TopicOf(pending.Account.Value, pending.Change.Collection);
        var message = PushMessage.Write(topic, new SyncToken(pending.Change.Collection, pending.Change.ModSeq), pending.Change.Properties);
        var body = WebPushEncryption.Encrypt(message, pending.Subscription.PublicKey.Span, pending.Subscription.AuthSecret.Span);
        var resource = new Uri(pending.Subscription.Resource);
        return await _push.Sender.SendAsync(resource, body, _push.Vapid.Authorization(resource), topic, CancellationToken.None);
    }

    private void OnSent(PushSent sent)
    {
        var (pending, id) = (sent.Pending, sent.Pending.Subscription.Id);
        _sending.Remove(id);
        switch (sent.Outcome)
        {
            case PushOutcome.Delivered:
                if (_lastTold.Count > _limits.PushBacklog) _lastTold.Clear();
                _lastTold[id] = _time.GetUtcNow();
                break;
            case PushOutcome.Gone:
                pending.Collections.Tell(new CollectionProtocol.AccountRequest(pending.Account, new CollectionRequest.Unsubscribe(id, By: null)));
                break;
            case PushOutcome.RetryLater when pending.Tries < Retries.Length && !_pending.ContainsKey(id) && _pending.Count < _limits.PushBacklog:
                _pending.Add(id, pending with { Tries = pending.Tries + 1 });
                Timers.StartSingleTimer(id, new PushDue(id), Retries[pending.Tries]);
                break;
            default:
                LogUntold(_log, id, sent.Outcome);
                break;
        }

        SendReady();
    }

    /// <summary>Sent by an account's collections actor when a change is durable.</summary>
    internal sealed record ChangeCommitted(AccountId Account, CollectionChanged Change) : INoSerializationVerificationNeeded;

    private sealed record PushDue(string Subscription);

    private sealed record PushSent(PendingPush Pending, PushOutcome Outcome);

    private sealed record PendingPush(AccountId Account, CollectionChanged Change, PushSubscription Subscription, IActorRef Collections, int Tries);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Too many pending push messages: one was dropped")]
    private static partial void LogBacklog(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "The push service of subscription {Subscription} did not accept a message: {Outcome}")]
    private static partial void LogUntold(ILogger logger, string subscription, PushOutcome outcome);
}
