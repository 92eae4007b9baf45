using System.Buffers;
using System.Text;
using MailServer.Actors.Submission;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Protocol.Smtp.Dsn;
using MailServer.Protocol.Smtp.Headers;

namespace MailServer.Actors.Delivery;

/// <summary>Creates the queue items of a delivery and the success notice requested by its sender.</summary>
internal static class QueueItemFactory
{
    private const int Block = 64 * 1024;

    // Retry interval for a mailbox that was temporarily unavailable.
    private static readonly TimeSpan MailboxRetry = TimeSpan.FromMinutes(1);

    /// <param name="services">Dependencies; they provide the content.</param>
    /// <param name="message">The message.</param>
    /// <param name="prepared">Its envelope and destinations.</param>
    /// <param name="skip">Leading octets that are for mailboxes only.</param>
    /// <param name="later">Accounts that get the message later, and why; null: the sender asked to hold it.</param>
    public static QueueItem Create(DeliveryServices services, SpooledMessage message, PreparedMessage prepared, int skip, IReadOnlyDictionary<AccountId, SmtpReply?> later)
    {
        var transaction = prepared.Accept.Transaction;
        var now = message.ReceivedAt.ToUniversalTime();
        var first = transaction.Options.HoldUntil is { } until && until > now ? until : now;
        var eightBit = HasEightBit(services, message, skip);
        return new QueueItem
        {
            Message = message.Id,
            MessageId = MessageIdOf(message, prepared, services.Hostname),
            Sender = prepared.Sender,
            QueuedAt = message.ReceivedAt.ToUniversalTime(),
            Size = message.Size - skip,
            PrefixLength = skip,
            EightBit = eightBit,
            SmtpUtf8 = transaction.SmtpUtf8 && prepared.Fields!.HasUtf8,
            Return = transaction.Dsn.Return,
            EnvelopeId = transaction.Dsn.EnvelopeId,
            RequireTls = transaction.Options.RequireTls,
            TlsOptional = !transaction.Options.RequireTls && prepared.Fields!.TlsOptional,
            Priority = transaction.Options.Priority,
            DeliverBy = transaction.Options.DeliverBy,
            HoldUntil = transaction.Options.HoldUntil,
            Recipients =
            [
                .. prepared.Destinations.Remote.Select(r => Recipient(r.Key, transaction.Dsn.Of(r.Value), first)),
                .. RefusingLists(prepared).Select(post => RefusedBy(post, transaction.Dsn, now)),
                .. later.Select(l => ForMailbox(l.Key, prepared, transaction.Dsn, l.Value, l.Value is null ? first : now + MailboxRetry, now)),
            ],
        };
    }

    /// <summary>The lists that refuse the message while others get it, if the sender can be told.</summary>
    public static IEnumerable<ListPost> RefusingLists(PreparedMessage prepared) => prepared.MayTellSender ? prepared.Posts.Where(static p => p.Refusal is not null) : [];

    public static string? MessageIdOf(SpooledMessage message, PreparedMessage prepared, string hostname) => prepared.Accept.Transaction.Policy == SessionPolicy.Submission
        ? prepared.Fields!.MessageIdOr(message.Id.Value, hostname)
        : prepared.Fields!.MessageId;

    /// <summary>The notice for local recipients whose sender requested success notifications (RFC 3461 §5.2.2); null when there are none.</summary>
    public static DeliveryProtocol.Accept? SuccessNotice(DeliveryServices services, SpooledMessage message, PreparedMessage prepared, IReadOnlyDictionary<AccountId, SmtpReply?> later)
    {
        var transaction = prepared.Accept.Transaction;
        if (transaction.Sender is not { } sender) return null;
        // RFC 3461 §5.2.7.3: for the sender, a message is delivered when the list has it.
        var lists = prepared.Posts.Where(static p => p.Refusal is null).Select(static p => p.Named);
        var wanted = prepared.Destinations.Accounts.Where(a => !later.ContainsKey(a.Key)).Select(a => a.Value).Concat(lists).Distinct().Where(r => transaction.Dsn.Of(r) is { Notify: not DsnNotify.Unspecified } request && request.Notify.HasFlag(DsnNotify.Success)).ToArray();
        if (wanted.Length == 0) return null;
        using var content = services.Spool.Open(message.Id);
        var buffer = services.Spool.Begin();
        var now = services.Time.GetLocalNow();
        var notice = new DsnMessage
        {
            Action = DsnAction.Delivered,
            Hostname = services.Hostname,
            To = sender,
            UniqueId = buffer.Id.Value + ".dsn",
            Now = now,
            ArrivedAt = message.ReceivedAt,
            EnvelopeId = transaction.Dsn.EnvelopeId,
            Recipients = [.. wanted.Select(r => new DsnRecipient(r, transaction.Dsn.Of(r).OriginalRecipient, null))],
        };
        DsnMessageWriter.Write(buffer, notice, HeaderSectionReader.Read(content, services.Limits.MaxHeaderSize), whole: false);
        return new DeliveryProtocol.Accept(OwnTransaction.OfOurs(services.Hostname, message.Id, sender, transaction.SmtpUtf8, transaction.Options.RequireTls), buffer);
    }

    private static QueueRecipient Recipient(EmailAddress address, RecipientDsnRequest request, DateTimeOffset first) =>
        new() { Address = address, Notify = request.Notify, OriginalRecipient = request.OriginalRecipient, NextAttempt = first };

    private static QueueRecipient RefusedBy(ListPost post, DsnRequest dsn, DateTimeOffset now) => Recipient(post.Named, dsn.Of(post.Named), now) with
    {
        State = RecipientState.Failed,
        DsnPending = dsn.Of(post.Named).Notify.HasFlag(DsnNotify.Failure),
        Attempts = 1,
        LastAttempt = new DeliveryAttempt(now, "", "", post.Refusal!),
    };

    private static QueueRecipient ForMailbox(AccountId account, PreparedMessage prepared, DsnRequest dsn, SmtpReply? refusal, DateTimeOffset first, DateTimeOffset now)
    {
        var named = prepared.Destinations.Accounts[account];
        return Recipient(named, dsn.Of(named), first) with
        {
            Mailbox = account,
            Quarantined = prepared.Verdict?.QuarantineReason is not null,
            // A script has refused the message: the queue only tells the sender.
            State = refusal is { IsTransient: false } ? RecipientState.Failed : RecipientState.Waiting,
            DsnPending = refusal is { IsTransient: false } && dsn.Of(named).Notify.HasFlag(DsnNotify.Failure),
            Attempts = refusal is null ? 0 : 1,
            LastAttempt = refusal is null ? null : new DeliveryAttempt(now, "", "", refusal),
        };
    }

    /// <summary>The content decides, not the declaration: for a host without 8BITMIME only real 8-bit content must be converted (RFC 6152 §3).</summary>
    public static bool HasEightBit(DeliveryServices services, SpooledMessage message, int skip)
    {
        using var content = services.Spool.Open(message.Id);
        var block = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            for (long at = skip; content.Read(at, block) is > 0 and var read; at += read)
                if (!Ascii.IsValid(block.AsSpan(0, read))) return true;
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
