using Akka.Actor;
using MailServer.Domain.Accounts;
using MailServer.Domain.Delivery;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Delivery;

// A message that a worker is delivering, and which destinations have answered.
internal sealed partial class DeliveryWorkerActor
{
    private sealed class PendingDelivery(IActorRef client, SpooledMessage message, PreparedMessage prepared, int skip, long since)
    {
        public IActorRef Client => client;

        public SpooledMessage Message => message;

        public PreparedMessage Prepared => prepared;

        /// <summary>Length of the Return-Path field, which is for mailboxes only.</summary>
        public int Skip => skip;

        public MailTransaction Transaction => prepared.Accept.Transaction;

        public ResolvedRecipients Destinations => prepared.Destinations;

        public bool IsSigned { get; init; }

        /// <summary>The item sent to the queue; null before that.</summary>
        public QueueItem? Item { get; set; }

        /// <summary>The queue has the message, or may have it: the spool file belongs to the queue.</summary>
        public bool IsQueued { get; set; }

        public HashSet<AccountId> Waiting { get; } = [];

        public FolderName Folder { get; set; } = FolderName.Inbox;

        /// <summary>Accounts without the target folder; the message was sent to their INBOX instead.</summary>
        public HashSet<AccountId> Unfiled { get; } = [];

        /// <summary>Mailboxes that get the message later, and why: their temporary refusal, or null if the sender asked to hold it.</summary>
        public Dictionary<AccountId, SmtpReply?> Later { get; } = [];

        /// <summary>Accounts that have the message, and accounts that the queue will deliver it to. Empty while the message is held.</summary>
        public Dictionary<AccountId, Domain.Addresses.EmailAddress> Given() =>
            Later.ContainsValue(null) ? Destinations.Accounts.Where(a => !Later.TryGetValue(a.Key, out var why) || why is not null).ToDictionary() : Destinations.Accounts;

        public void PostponeAll()
        {
            foreach (var account in Destinations.Accounts.Keys) Later[account] = null;
        }

        public long Since { get; set; } = since;
    }
}
