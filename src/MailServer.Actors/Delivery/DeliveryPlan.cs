using MailServer.Actors.Submission;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Delivery;

/// <summary>
/// Decides the steps of one delivery from its destinations and from the answers of mailboxes and queue: first every local mailbox, then the queue for other
/// hosts and for mailboxes that could not accept the message, then the reply to the client. Performs nothing itself, and ends with exactly one
/// <see cref="DeliveryStep.Finish"/>; later answers produce no steps.
/// </summary>
/// <param name="destinations">The recipients.</param>
/// <param name="folder">The folder for the message: INBOX or Junk.</param>
/// <param name="accepted">The reply when the message is accepted.</param>
/// <param name="mayTellSender">The envelope sender is known to be the sender, so that a notice does not hit somebody else.</param>
/// <param name="isPosted">Members of a mailing list get the message already, so the client must not send it again.</param>
/// <param name="hasRefusingLists">The queue must tell the sender that a mailing list has refused the message.</param>
internal sealed class DeliveryPlan(ResolvedRecipients destinations, FolderName folder, SmtpReply accepted, bool mayTellSender = true, bool isPosted = false, bool hasRefusingLists = false)
{
    private static readonly FolderName Junk = FolderName.Parse("Junk");

    private static readonly SmtpReply MailboxUnavailable = new(451, "4.3.0", "The mailbox is temporarily unavailable, try again later");
    private static readonly SmtpReply QueueUnavailable = new(451, "4.3.0", "The queue is temporarily unavailable, try again later");
    private static readonly SmtpReply QueueFull = new(452, "4.3.1", "The queue is full, try again later");
    private static readonly SmtpReply OverQuota = new(452, "4.2.2", "A recipient's mailbox is full");

    private readonly Dictionary<AccountId, FolderName> _waiting = [];
    private readonly Dictionary<AccountId, SmtpReply?> _later = [];
    private readonly Dictionary<AccountId, SmtpReply> _rejected = [];
    private readonly HashSet<AccountId> _skipsScripts = [];

    /// <summary>The refusal of a message that cannot be written to the spool.</summary>
    public static SmtpReply StorageFailed { get; } = new(452, "4.3.1", "The message cannot be stored now, try again later");

    public DeliveryState State { get; private set; }

    /// <summary>Mailboxes that get the message later, and why: their temporary refusal, or null if the sender asked to hold it.</summary>
    public IReadOnlyDictionary<AccountId, SmtpReply?> Later => _later;

    /// <summary>Accounts that have the message, and accounts that the queue will deliver it to. Empty while the message is held.</summary>
    public Dictionary<AccountId, EmailAddress> Reached => _later.ContainsValue(null) || _rejected.Count > 0
        ? destinations.Accounts.Where(a => !_rejected.ContainsKey(a.Key) && (!_later.TryGetValue(a.Key, out var why) || why is not null)).ToDictionary()
        : destinations.Accounts;

    /// <summary>The accounts whose scripts refuse the message, and the reply.</summary>
    public IReadOnlyDictionary<AccountId, SmtpReply> Rejected => _rejected;

    /// <summary>True while the answer of this account's mailbox is missing.</summary>
    public bool IsWaitingFor(AccountId account) => _waiting.ContainsKey(account);

    /// <param name="isHeld">The sender asked for a delivery at a later time (RFC 4865): everything waits in the queue.</param>
    public IReadOnlyList<DeliveryStep> Start(bool isHeld)
    {
        foreach (var account in destinations.Accounts.Keys)
        {
            if (isHeld) _later[account] = null;
            else _waiting[account] = folder;
        }

        State = DeliveryState.Delivering;
        if (_waiting.Count > 0) return Deliveries();
        return _later.Count == 0 && !IsQueueNeeded && destinations.Lists.Count > 0 ? Finish(accepted, queueHasIt: false) : Enqueue();
    }

    public IReadOnlyList<DeliveryStep> OnDelivered(AccountId account, MailboxReply result)
    {
        if (State != DeliveryState.Delivering || !_waiting.TryGetValue(account, out var target)) return [];
        if (result is MailboxReply.Refused { Reason: MailboxRefusal.NoSuchTarget } && target != FolderName.Inbox)
        {
            // An account without Junk gets the message in the INBOX.
            _waiting[account] = FolderName.Inbox;
            return [Delivery(account, FolderName.Inbox)];
        }

        _waiting.Remove(account);
        if (result is MailboxReply.Rejected rejected) _rejected[account] = RejectionReply.Of(rejected.Reason);
        if (result is MailboxReply.Refused refused) _later[account] = refused.Reason == MailboxRefusal.OverQuota ? OverQuota : MailboxUnavailable;
        return _waiting.Count == 0 ? Conclude() : [];
    }

    /// <param name="taken">False: the queue is full, or its journal refused the message.</param>
    public IReadOnlyList<DeliveryStep> OnEnqueued(bool taken) => State == DeliveryState.Queueing ? Finish(taken ? accepted : QueueFull, queueHasIt: taken) : [];

    /// <param name="mayHaveIt">The message was being written and may be in the queue.</param>
    public IReadOnlyList<DeliveryStep> OnQueueUnavailable(bool mayHaveIt) => State == DeliveryState.Queueing ? Finish(QueueUnavailable, mayHaveIt) : [];

    /// <summary>The envelope or the item could not be written: the queue was never given the message.</summary>
    public IReadOnlyList<DeliveryStep> OnEnvelopeFailed() => State == DeliveryState.Queueing ? Finish(StorageFailed, queueHasIt: false) : [];

    /// <summary>Steps to repeat after a node was lost. Safe: a mailbox or queue that already has the message answers as if it accepted it now.</summary>
    public IReadOnlyList<DeliveryStep> Repeat() => State switch
    {
        DeliveryState.Delivering => Deliveries(),
        DeliveryState.Queueing => [new DeliveryStep.Enqueue()],
        _ => [],
    };

    /// <summary>An answer did not arrive in time.</summary>
    public IReadOnlyList<DeliveryStep> OnTimeout()
    {
        // The queue may have the message. The client keeps it; it must not be queued again.
        if (State == DeliveryState.Queueing) return Finish(MailboxUnavailable, queueHasIt: true);
        if (State != DeliveryState.Delivering) return [];
        foreach (var account in _waiting.Keys) _later[account] = MailboxUnavailable;
        _waiting.Clear();
        return Conclude();
    }

    private bool IsQueueNeeded => destinations.Remote.Count > 0 || hasRefusingLists;

    private DeliveryStep[] Deliveries() => [.. _waiting.Select(w => Delivery(w.Key, w.Value))];

    private DeliveryStep.DeliverTo Delivery(AccountId account, FolderName target) => new(account, target, _skipsScripts.Contains(account));

    /// <summary>
    /// Called when every mailbox has answered. If no mailbox has the message, the client keeps it and tries again. Otherwise a retry would duplicate the
    /// message for some recipients, so the queue delivers to the mailboxes that could not accept it.
    /// </summary>
    private DeliveryStep[] Conclude()
    {
        // Everybody refuses: the client is told at once, and nothing is sent to an address that may be forged.
        if (_rejected.Count > 0 && _rejected.Count == destinations.Accounts.Count && !IsQueueNeeded && !isPosted) return Finish(_rejected.Values.First(), queueHasIt: false);
        if (_rejected.Count > 0 && !mayTellSender) return StoreRejected();
        foreach (var (account, reply) in _rejected) _later[account] = reply;
        if (_later.Count == 0 && !IsQueueNeeded) return Finish(accepted, queueHasIt: false);
        return _later.Count == destinations.Accounts.Count && destinations.Remote.Count == 0 && !isPosted
            ? Finish(_later.Values.FirstOrDefault(static r => r is { IsTransient: true }) ?? MailboxUnavailable, queueHasIt: false)
            : Enqueue();
    }

    /// <summary>Some recipients refuse the message, the others have it, and the sender may be forged (RFC 5429 §2.1.2): the refusing ones get it as junk.</summary>
    private DeliveryStep[] StoreRejected()
    {
        foreach (var account in _rejected.Keys)
        {
            _waiting[account] = Junk;
            _skipsScripts.Add(account);
        }

        _rejected.Clear();
        return Deliveries();
    }

    private DeliveryStep[] Enqueue()
    {
        State = DeliveryState.Queueing;
        return [new DeliveryStep.Enqueue()];
    }

    private DeliveryStep[] Finish(SmtpReply reply, bool queueHasIt)
    {
        State = DeliveryState.Finished;
        return [new DeliveryStep.Finish(reply, RemovesContent: !queueHasIt, RemovesEnvelope: queueHasIt && !reply.IsPositive)];
    }
}

/// <summary>Whose answers a delivery waits for.</summary>
internal enum DeliveryState
{
    Created,
    Delivering,
    Queueing,
    Finished,
}
