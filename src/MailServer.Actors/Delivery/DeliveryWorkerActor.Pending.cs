using Akka.Actor;
using MailServer.Domain.Accounts;
using MailServer.Domain.Delivery;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Delivery;

// A message on its way through a worker, and who has answered for it.
internal sealed partial class DeliveryWorkerActor
{
    private sealed class Pending(IActorRef client, SpooledMessage message, Prepared prepared, int skip, long since)
    {
        public IActorRef Client => client;

        public SpooledMessage Message => message;

        public Prepared Prepared => prepared;

        /// <summary>The length of our Return-Path, which is for mailboxes only.</summary>
        public int Skip => skip;

        public MailTransaction Transaction => prepared.Accept.Transaction;

        public Destinations Destinations => prepared.Destinations;

        public bool IsSigned { get; init; }

        /// <summary>What the queue was asked to take; null before.</summary>
        public QueueItem? Item { get; set; }

        /// <summary>The queue has it, or may have it: the spool file is the queue's.</summary>
        public bool IsQueued { get; set; }

        public HashSet<AccountId> Waiting { get; } = [];

        public FolderName Folder { get; set; } = FolderName.Inbox;

        /// <summary>Accounts without the folder, which were asked to take the message into the INBOX.</summary>
        public HashSet<AccountId> Unfiled { get; } = [];

        /// <summary>Mailboxes that get it later, and why: they could not take it now (their answer), or it was asked to be held (null).</summary>
        public Dictionary<AccountId, SmtpReply?> Later { get; } = [];

        /// <summary>Who has it, and to whom the queue owes it; but while it is held nothing of it is to be seen.</summary>
        public Dictionary<AccountId, Domain.Addresses.EmailAddress> Given() =>
            Later.ContainsValue(null) ? Destinations.Accounts.Where(a => !Later.TryGetValue(a.Key, out var why) || why is not null).ToDictionary() : Destinations.Accounts;

        public void PostponeAll()
        {
            foreach (var account in Destinations.Accounts.Keys) Later[account] = null;
        }

        public long Since { get; set; } = since;
    }
}
