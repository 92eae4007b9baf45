using Akka.Actor;
using MailServer.Actors.Cluster;
using MailServer.Actors.Common;
using MailServer.Actors.Entities;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Submission;
using MailServer.Domain.Accounts;
using MailServer.Domain.Delivery;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Queue;

/// <summary>
/// Delivers queued mail to local mailboxes: messages that a mailbox could not accept at first, and messages that the sender asked to hold. A mailbox that
/// already has the message answers as if it were new.
/// </summary>
internal sealed class MailboxDestinationActor(QueueServices services) : UntypedActor, IWithTimers
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);
    private static readonly FolderName Junk = FolderName.Parse("Junk");
    private static readonly SmtpReply Delivered = new(250, "2.1.5", "Delivered to the mailbox");
    private static readonly SmtpReply OverQuota = new(452, "4.2.2", "The mailbox is full");
    private static readonly SmtpReply Unavailable = new(451, "4.3.0", "The mailbox is temporarily unavailable");

    private readonly Dictionary<(SpoolId Message, AccountId Account), PendingDelivery> _waiting = [];

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(QueueServices services) =>
        ActorFactory.Props(() => new MailboxDestinationActor(services)).WithDispatcher("storage-dispatcher");

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, Look);
        Context.System.EventStream.Subscribe(Self, typeof(NodeLost));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case DestinationProtocol.Job job:
                Deliver(job);
                break;
            case MailboxProtocol.Delivered delivered:
                OnDelivered(delivered);
                break;
            case Tick:
                GiveUpOnLost();
                break;
            case NodeLost:
                foreach (var waiting in _waiting.Values) services.Mailboxes.Tell(waiting.Request);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Deliver(DestinationProtocol.Job job)
    {
        var item = job.Item;
        SpooledMessage message;
        try
        {
            message = QueuedContent.Reopen(services, item);
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            var reply = QueuedContent.ReplyOf(services, item, e);
            foreach (var index in job.Recipients) Report(item.Message, index, reply);
            return;
        }

        foreach (var index in job.Recipients)
        {
            var recipient = item.Recipients[index];
            var folder = recipient.Quarantined ? Junk : FolderName.Inbox;
            var request = new MailboxProtocol.Deliver(recipient.Mailbox!.Value, folder, message) { Recipient = recipient.Address };
            _waiting[(item.Message, request.Account)] = new PendingDelivery(index, request, services.Time.GetTimestamp());
            services.Mailboxes.Tell(request);
        }
    }

    private void OnDelivered(MailboxProtocol.Delivered delivered)
    {
        var key = (delivered.Message, delivered.Account);
        if (!_waiting.TryGetValue(key, out var waiting)) return;
        if (delivered.Result is MailboxReply.Refused { Reason: MailboxRefusal.NoSuchTarget } && waiting.Request.Folder != FolderName.Inbox)
        {
            // An account without Junk gets the message in the INBOX.
            Repeat(key, waiting with { Request = waiting.Request with { Folder = FolderName.Inbox } });
            return;
        }

        if (delivered.Result is MailboxReply.Rejected && waiting.IsQuarantined)
        {
            // The sender is not known to be the sender, and is not told.
            Repeat(key, waiting with { Request = waiting.Request with { SkipsScripts = true } });
            return;
        }

        _waiting.Remove(key);
        Report(delivered.Message, waiting.Recipient, delivered.Result switch
        {
            MailboxReply.Refused { Reason: MailboxRefusal.OverQuota } => OverQuota,
            MailboxReply.Refused => Unavailable,
            MailboxReply.Rejected rejected => RejectionReply.Of(rejected.Reason),
            _ => Delivered,
        });
    }

    private void Repeat((SpoolId, AccountId) key, PendingDelivery next)
    {
        _waiting[key] = next;
        services.Mailboxes.Tell(next.Request);
    }

    private void GiveUpOnLost()
    {
        var lost = _waiting.Where(w => services.Time.GetElapsedTime(w.Value.Since) > RequestRules.Deliver.Answer).ToArray();
        foreach (var (key, waiting) in lost)
        {
            _waiting.Remove(key);
            Report(key.Message, waiting.Recipient, Unavailable);
        }

        if (_waiting.Count == 0) Context.Parent.Tell(new DestinationProtocol.Idle(Destination.Mailboxes.Name));
    }

    private static void Report(SpoolId message, int recipient, SmtpReply reply) =>
        Context.Parent.Tell(new DestinationProtocol.Result(Destination.Mailboxes.Name, message, "", "", [(recipient, reply)]));

    private sealed record PendingDelivery(int Recipient, MailboxProtocol.Deliver Request, long Since)
    {
        public bool IsQuarantined => Request.Folder == Junk && !Request.SkipsScripts;
    }

    private sealed record Tick
    {
        public static Tick Instance { get; } = new();
    }
}
