using System.Collections.Frozen;
using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Actors.Entities;
using MailServer.Actors.Queue;
using MailServer.Actors.Submission;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Delivery;

/// <summary>
/// Sends what the scripts of this node's mailboxes and the mailing lists want sent: redirected messages, automatic replies and notifications. A mailbox asks three times: for what its scripts may ask, then to
/// have the messages written, and, when its own copies are durable, to have them queued. A message that the queue does not take at once is durable in the spool, and is offered again.
/// </summary>
internal sealed partial class ScriptMailActor : UntypedActor, IWithTimers
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OfferAgain = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LetMailboxGo = TimeSpan.FromSeconds(5);

    private readonly DeliveryServices _services;
    private readonly ScriptMailComposer _composer;
    private readonly ILogger _log;
    private readonly Dictionary<SpoolId, Offered> _offered = [];
    private readonly List<Publication> _publications = [];

    public ScriptMailActor(DeliveryServices services)
    {
        _services = services;
        _composer = new ScriptMailComposer(services, services.Forwarding);
        _log = services.Loggers.CreateLogger<ScriptMailActor>();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(DeliveryServices services) => ActorFactory.Props(() => new ScriptMailActor(services)).WithDispatcher("storage-dispatcher");

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ScriptMailProtocol.LoadFacts load:
                LoadAsync(load).PipeTo(Sender);
                break;
            case ScriptMailProtocol.Prepare prepare:
                PrepareAsync(prepare).PipeTo(Sender);
                break;
            case ScriptMailProtocol.Publish publish:
                Publish(publish);
                break;
            case ScriptMailProtocol.Offer offer:
                Offer(offer.Items);
                break;
            case QueueProtocol.Enqueued { Taken: true } enqueued:
                OnQueued(enqueued.Message);
                break;
            case QueueProtocol.Enqueued or QueueProtocol.Unavailable:
                // Offered again at a later tick.
                break;
            case Tick:
                OnTick();
                break;
            default:
                Unhandled(message);
                break;
        }

        ScheduleTick();
    }

    // An idle server sleeps.
    private void ScheduleTick()
    {
        var isNeeded = _offered.Count + _publications.Count > 0;
        if (isNeeded == Timers.IsTimerActive(nameof(Tick))) return;
        if (isNeeded) Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, Look);
        else Timers.Cancel(nameof(Tick));
    }

    private async Task<ScriptMailProtocol.FactsLoaded> LoadAsync(ScriptMailProtocol.LoadFacts load)
    {
        try
        {
            var own = await _services.Addresses.AddressesOfAsync(load.Account, default);
            IReadOnlySet<string>? contacts = load.WithContacts ? await _services.Contacts!.OfAsync(load.Account, default) : FrozenSet<string>.Empty;
            return new ScriptMailProtocol.FactsLoaded(load.Ticket, contacts is null ? null : [.. own.Select(static a => a.ToString())], contacts ?? FrozenSet<string>.Empty);
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            LogNotLoaded(e, load.Account);
            return new ScriptMailProtocol.FactsLoaded(load.Ticket, null, FrozenSet<string>.Empty);
        }
    }

    private async Task<ScriptMailProtocol.Prepared> PrepareAsync(ScriptMailProtocol.Prepare prepare)
    {
        try
        {
            return new ScriptMailProtocol.Prepared(prepare.Ticket, await _composer.PrepareAsync(prepare.Account, prepare.Source, prepare.Actions, default));
        }
        catch (Exception e)
        {
            LogNotWritten(e, prepare.Source.Message.Id);
            return new ScriptMailProtocol.Prepared(prepare.Ticket, null);
        }
    }

    private void Publish(ScriptMailProtocol.Publish publish)
    {
        var items = new List<QueueItem>();
        try
        {
            foreach (var mail in publish.Mails.Where(static m => m.Item is not null)) items.Add(_composer.Publish(mail));
            if (items.Count > 0) _services.Spool.SyncNames();
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            LogNotWritten(e, publish.Mails[0].Item?.Message ?? default);
            Sender.Tell(new ScriptMailProtocol.Published(publish.Ticket, IsSafe: false));
            return;
        }

        Offer(items);
        _publications.Add(new Publication(Sender, publish.Ticket, [.. items.Select(static i => i.Message)], _services.Time.GetTimestamp()));
        AnswerFinished();
    }

    private void Offer(IReadOnlyList<QueueItem> items)
    {
        var now = _services.Time.GetTimestamp();
        foreach (var item in items)
        {
            _offered[item.Message] = new Offered(item, now);
            _services.Queue.Tell(new QueueProtocol.Enqueue(item));
        }
    }

    private void OnQueued(SpoolId message)
    {
        _offered.Remove(message);
        foreach (var publication in _publications) publication.Open.Remove(message);
        AnswerFinished();
    }

    private void AnswerFinished()
    {
        foreach (var done in _publications.Where(p => p.Open.Count == 0 || _services.Time.GetElapsedTime(p.Since) > LetMailboxGo).ToArray())
        {
            _publications.Remove(done);
            done.Client.Tell(new ScriptMailProtocol.Published(done.Ticket, IsSafe: true));
        }
    }

    private void OnTick()
    {
        AnswerFinished();
        var now = _services.Time.GetTimestamp();
        foreach (var late in _offered.Values.Where(o => _services.Time.GetElapsedTime(o.Since, now) > OfferAgain).ToArray())
        {
            _offered[late.Item.Message] = late with { Since = now };
            _services.Queue.Tell(new QueueProtocol.Enqueue(late.Item));
        }
    }

    private sealed record Offered(QueueItem Item, long Since);

    private sealed record Publication(IActorRef Client, long Ticket, HashSet<SpoolId> Open, long Since);

    private sealed record Tick
    {
        public static Tick Instance { get; } = new();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The addresses of account {Account} could not be read for its script")]
    private partial void LogNotLoaded(Exception exception, Domain.Accounts.AccountId account);

    [LoggerMessage(Level = LogLevel.Error, Message = "Mail that a script wants sent could not be written; it belongs to message {Message}")]
    private partial void LogNotWritten(Exception exception, SpoolId message);
}
