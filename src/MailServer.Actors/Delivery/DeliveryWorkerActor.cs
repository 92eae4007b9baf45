using System.Buffers;
using Akka.Actor;
using MailServer.Actors.Cluster;
using MailServer.Actors.Entities;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Queue;
using MailServer.Actors.Submission;
using MailServer.Domain.Accounts;
using MailServer.Domain.Delivery;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Protocol.Smtp.Headers;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Delivery;

/// <summary>
/// Delivers accepted messages. The order of steps guarantees that nothing acknowledged is lost and that a refused message leaves nothing behind: (1) recipients
/// are resolved; (2) mail from outside is authenticated; (3) trace fields and signature are added and the content is written to the spool once, durably;
/// (4) each local mailbox links the file and answers when that is durable; (5) mail for other hosts gets an envelope file and is queued, and the queue
/// answers when that is durable; (6) the client receives 250; (7) the spool's own name for the file is removed unless the queue needs it. A crash before
/// the 250 leaves at most a spool file, which the next start removes or sets aside.
/// </summary>
internal sealed partial class DeliveryWorkerActor : UntypedActor, IWithTimers
{
    private static readonly FolderName Junk = FolderName.Parse("Junk");
    private static readonly SmtpReply Unavailable = new(451, "4.3.0", "The mailbox is temporarily unavailable, try again later");
    private static readonly SmtpReply StorageFailed = new(452, "4.3.1", "The message cannot be stored now, try again later");
    private static readonly SmtpReply QueueUnavailable = new(451, "4.3.0", "The queue is temporarily unavailable, try again later");
    private static readonly SmtpReply QueueFull = new(452, "4.3.1", "The queue is full, try again later");
    private static readonly SmtpReply OverQuota = new(452, "4.2.2", "A recipient's mailbox is full");
    private static readonly SmtpReply Looping = new(554, "5.4.6", "Too many hops: the message is looping");
    private static readonly SmtpReply HeaderTooLong = new(552, "5.3.4", "The header section is too long");
    private static readonly SmtpReply NotTheAuthor = new(550, "5.7.1", "The From field contains an address that does not belong to your account");

    private readonly DeliveryServices _services;
    private readonly ILogger _log;
    private readonly TraceFields _trace;
    private readonly DeliveredMessageHandlers _readers;
    private readonly Dictionary<SpoolId, PendingDelivery> _pending = [];

    public DeliveryWorkerActor(DeliveryServices services)
    {
        _services = services;
        _log = services.Loggers.CreateLogger<DeliveryWorkerActor>();
        _trace = new TraceFields(services.Hostname, services.Time);
        _readers = new DeliveredMessageHandlers(services.Readers, services.Spool, _log);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(TimeoutTick), TimeoutTick.Instance, TimeSpan.FromSeconds(10));
        Context.System.EventStream.Subscribe(Self, typeof(NodeLost));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case DeliveryProtocol.Accept accept:
                Prepare(accept);
                break;
            case PreparedMessage prepared:
                StoreOrRefuse(prepared);
                break;
            case QueueProtocol.Enqueued enqueued:
                OnEnqueued(enqueued);
                break;
            case QueueProtocol.Unavailable unavailable:
                OnUnavailable(unavailable);
                break;
            case MailboxProtocol.Delivered delivered:
                OnDelivered(delivered);
                break;
            case DeliveryProtocol.Spool spool:
                Sender.Tell(new DeliveryProtocol.Spooled(Commit(spool.Content, [])));
                break;
            case TimeoutTick:
                GiveUpOnLost();
                break;
            case NodeLost:
                AskAgain();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Prepare(DeliveryProtocol.Accept accept)
    {
        var client = Sender;
        var pending = PrepareAsync(accept, client);
        if (pending.IsCompletedSuccessfully) StoreOrRefuse(pending.Result);
        else pending.AsTask().PipeTo(Self, failure: e => Fail(accept, client, e));
    }

    private async ValueTask<PreparedMessage> PrepareAsync(DeliveryProtocol.Accept accept, IActorRef client)
    {
        var transaction = accept.Transaction;
        var prepared = new PreparedMessage(accept, client, new ResolvedRecipients(), null, null, null);
        try
        {
            using var content = accept.Content.OpenContent();
            if (HeaderSectionReader.Read(content, _services.Limits.MaxHeaderSize) is not { } header) return prepared with { Refusal = HeaderTooLong };
            var fields = SubmissionHeaders.Read(header);
            if (fields.ReceivedFields > _services.Limits.ReceivedFields) return prepared with { Refusal = Looping };
            if (transaction.Account is { } account && !(fields.From is { } authors && await _services.Addresses.MayWriteAsAsync(account, authors, default)))
                return prepared with { Refusal = NotTheAuthor };

            var (destinations, refusal) = await _services.Addresses.ResolveAsync(transaction, default);
            prepared = prepared with { Destinations = destinations, Refusal = refusal, Fields = fields };
            if (refusal is not null) return prepared;
            var clean = await _services.ForgedResults.CleanAsync(header, default);
            prepared = transaction.Account is { } sending ? prepared with { Refusal = _services.Admission?.CheckOutgoing(sending, destinations.Remote.Keys) }
                : transaction.Policy == SessionPolicy.Receiving ? await JudgeAsync(prepared, content) : prepared;
            return clean is null || prepared.Refusal is not null ? prepared : prepared.WithHeader(clean, header.Length, _services.Spool);
        }
        catch (Exception e) when (e is IOException or System.Data.Common.DbException or DirectoryException)
        {
            LogFailed(e, transaction.SessionId);
            return prepared with { Refusal = StorageFailed };
        }
    }

    /// <summary>Authenticates mail from outside, applies rate limits, and determines the sender for forwarded copies.</summary>
    private async ValueTask<PreparedMessage> JudgeAsync(PreparedMessage prepared, MessageContent content)
    {
        var transaction = prepared.Accept.Transaction;
        var verdict = _services.Verifier is { } verifier ? await verifier.VerifyAsync(transaction, content, default) : null;
        prepared = prepared with { Verdict = verdict, Refusal = verdict?.Refusal };
        if (prepared.Refusal is not null) return prepared;
        if (_services.Admission is { } admission)
        {
            if (admission.CheckDomain(verdict?.SpfDomain) is { } tooFast) return prepared with { Refusal = tooFast };
            prepared = prepared with { BlockListReason = await admission.FindJunkReasonAsync(transaction.RemoteAddress, default) };
            await admission.DelayFirstContactAsync(transaction.Sender, transaction.Recipients, default);
        }

        return prepared with { Sender = await _services.Forwarding.RewriteSenderAsync(transaction, prepared.Destinations, default) };
    }

    private void Store(PreparedMessage prepared)
    {
        var (accept, client, destinations, refusal, fields, verdict) = prepared;
        if (verdict is not null)
        {
            LogChecked(accept.Transaction.SessionId, verdict);
            DeliveryMetrics.Checked(verdict);
        }

        // A client that must try again is counted at the next attempt.
        if (verdict is not null && refusal is not { IsTransient: true })
            foreach (var observation in verdict.Observations) _services.Reports.Record(observation);
        if (refusal is not null)
        {
            DeliveryMetrics.Offered(accept.Transaction, refusal);
            _services.Trace.Add(DeliveryTraceSteps.Refused(accept.Content.Id, prepared, refusal, _services.Time.GetUtcNow()));
            accept.Content.Dispose();
            client.Tell(refusal);
            return;
        }

        var prefix = new ArrayBufferWriter<byte>(1024);
        TraceFields.WriteReturnPath(prefix, accept.Transaction.Sender);
        var returnPath = prefix.WrittenCount;
        var signed = WriteFields(prefix, prepared);
        if (Commit(accept.Content, prefix.WrittenSpan) is not { } message)
        {
            client.Tell(StorageFailed);
            return;
        }

        var pending = new PendingDelivery(client, message, prepared, returnPath, _services.Time.GetTimestamp()) { IsSigned = signed };
        if (prepared.QuarantineReason is not null) pending.Folder = Junk;
        _pending.Add(message.Id, pending);
        if (IsHeld(accept.Transaction)) pending.PostponeAll();
        if (destinations.Accounts.Count > pending.Later.Count) Deliver(pending);
        else Enqueue(pending);
    }

    /// <summary>RFC 4865: nothing is delivered before the requested time.</summary>
    private bool IsHeld(MailTransaction transaction) => transaction.Options.HoldUntil is { } until && until > _services.Time.GetUtcNow();

    /// <summary>Writes signature, Received and the fields that a submission lacks in front of the content; true when it was signed.</summary>
    private bool WriteFields(ArrayBufferWriter<byte> prefix, PreparedMessage prepared)
    {
        var (accept, fields) = (prepared.Accept, prepared.Fields!);
        var transaction = accept.Transaction;
        var now = _services.Time.GetLocalNow();
        var missing = new ArrayBufferWriter<byte>(256);
        var before = prefix.WrittenCount;
        if (transaction.Policy == SessionPolicy.Submission)
        {
            fields.WriteMissing(missing, now, accept.Content.Id.Value, _services.Hostname);
            using var content = accept.Content.OpenContent();
            _services.Signer?.Sign(prefix, fields.From![0].Domain, missing.WrittenSpan, content, now, _services.Limits.MaxHeaderSize);
        }
        else if (prepared.Destinations.Remote.Count > 0)
        {
            using var content = accept.Content.OpenContent();
            _services.Forwarding.Seal(prefix, prepared, content, now);
        }

        var signed = transaction.Policy == SessionPolicy.Submission && prefix.WrittenCount > before;
        _trace.WriteReceived(prefix, transaction, accept.Content.Id.Value, prepared.Verdict?.ReverseName);
        prepared.WriteVerdict(prefix, _services.Hostname);
        prefix.Write(missing.WrittenSpan);
        return signed;
    }

    /// <summary>The directory entry is made durable by the mailbox that links the file, or with the envelope.</summary>
    private SpooledMessage? Commit(SpoolBuffer content, ReadOnlySpan<byte> prefix)
    {
        try
        {
            return _services.Spool.Commit(content, prefix);
        }
        catch (IOException e)
        {
            LogSpoolFailed(e);
            return null;
        }
        finally
        {
            content.Dispose();
        }
    }

    private void Deliver(PendingDelivery pending)
    {
        pending.Waiting.UnionWith(pending.Destinations.Accounts.Keys);
        pending.Since = _services.Time.GetTimestamp();
        foreach (var account in pending.Destinations.Accounts.Keys)
            _services.Mailboxes.Tell(new MailboxProtocol.Deliver(account, pending.Folder, pending.Message));
    }

    private void OnDelivered(MailboxProtocol.Delivered delivered)
    {
        if (!_pending.TryGetValue(delivered.Message, out var pending) || !pending.Waiting.Contains(delivered.Account)) return;
        if (delivered.Result is MailboxReply.Refused { Reason: MailboxRefusal.NoSuchTarget } && pending.Unfiled.Add(delivered.Account))
        {
            // An account without Junk gets the message in the INBOX.
            _services.Mailboxes.Tell(new MailboxProtocol.Deliver(delivered.Account, FolderName.Inbox, pending.Message));
            return;
        }

        pending.Waiting.Remove(delivered.Account);
        DeliveryMetrics.Delivered(delivered.Result);
        if (delivered.Result is MailboxReply.Refused refused)
            pending.Later[delivered.Account] = refused.Reason == MailboxRefusal.OverQuota ? OverQuota : Unavailable;
        if (pending.Waiting.Count == 0) Conclude(pending);
    }

    /// <summary>
    /// Called when every mailbox has answered. If no mailbox has the message, the client keeps it and tries again. Otherwise a retry would duplicate the
    /// message for some recipients, so the queue delivers to the mailboxes that could not accept it.
    /// </summary>
    private void Conclude(PendingDelivery pending)
    {
        if (pending.Later.Count == pending.Destinations.Accounts.Count && pending.Destinations.Remote.Count == 0)
            Finish(pending, pending.Later.Values.First() ?? Unavailable);
        else if (pending.Later.Count > 0 || pending.Destinations.Remote.Count > 0) Enqueue(pending);
        else Finish(pending, Queued(pending.Message));
    }

    private void Enqueue(PendingDelivery pending)
    {
        var item = QueueItemFactory.Create(_services, pending.Message, pending.Prepared, pending.Skip, pending.Later);
        if (!WriteEnvelope(item))
        {
            Finish(pending, StorageFailed);
            return;
        }

        pending.Item = item;
        pending.IsQueued = true;
        Ask(pending, item);
    }

    private void Ask(PendingDelivery pending, QueueItem item)
    {
        pending.Since = _services.Time.GetTimestamp();
        _services.Queue.Tell(new QueueProtocol.Enqueue(item));
    }

    /// <summary>Writes the envelope, from which the message can be queued again if the journal is lost, and makes both file names durable.</summary>
    private bool WriteEnvelope(QueueItem item)
    {
        try
        {
            _services.Spool.Envelopes.Write(item.Message, QueueEnvelope.Encode(new QueueEvent.Queued(item)));
            _services.Spool.SyncNames();
            return true;
        }
        catch (IOException e)
        {
            LogSpoolFailed(e);
            return false;
        }
    }

    private void OnEnqueued(QueueProtocol.Enqueued enqueued)
    {
        if (!_pending.TryGetValue(enqueued.Message, out var pending)) return;
        pending.IsQueued = enqueued.Taken;
        Finish(pending, enqueued.Taken ? Queued(pending.Message) : QueueFull);
    }

    private void OnUnavailable(QueueProtocol.Unavailable unavailable)
    {
        if (!_pending.TryGetValue(unavailable.Message, out var pending)) return;
        pending.IsQueued = unavailable.MayHaveIt;
        Finish(pending, QueueUnavailable);
    }

    private void Finish(PendingDelivery pending, SmtpReply reply)
    {
        _pending.Remove(pending.Message.Id);
        pending.Client.Tell(reply);
        var transaction = pending.Transaction;
        DeliveryMetrics.Offered(transaction, reply);
        LogFinished(transaction.SessionId, pending.Message.Id, pending.Message.Size, transaction.Sender, transaction.Recipients.Count, reply.Code);
        Trace(pending, reply);
        if (reply.IsPositive && pending.Given() is { Count: > 0 } accounts)
            _readers.Dispatch(new DeliveredMessage(pending.Message, transaction, accounts, pending.Prepared.Verdict));
        if (reply.IsPositive && QueueItemFactory.SuccessNotice(_services, pending.Message, pending.Prepared, pending.Later) is { } notice) _services.Router.Tell(notice, ActorRefs.NoSender);
        // The queue was given the message but has not answered, so it may have it. The client keeps the message; it must not be queued again.
        if (!pending.IsQueued) _services.Spool.Remove(pending.Message.Id);
        else if (!reply.IsPositive) _services.Spool.Envelopes.Remove(pending.Message.Id);
    }

    private void Trace(PendingDelivery pending, SmtpReply reply)
    {
        var now = _services.Time.GetUtcNow();
        var messageId = QueueItemFactory.MessageIdOf(pending.Message, pending.Prepared, _services.Hostname);
        _services.Trace.Add(reply.IsPositive
            ? DeliveryTraceSteps.Accepted(pending.Message, messageId, pending.Prepared, pending.IsSigned, pending.Later, now)
            : DeliveryTraceSteps.Refused(pending.Message.Id, pending.Prepared, reply, now));
    }

    /// <summary>Retries are safe: a mailbox or queue that already has the message answers as if it accepted it now.</summary>
    private void AskAgain()
    {
        foreach (var pending in _pending.Values.ToArray())
        {
            if (pending is { IsQueued: true, Item: { } item }) Ask(pending, item);
            DeliverAgain(pending);
        }
    }

    private void DeliverAgain(PendingDelivery pending)
    {
        foreach (var account in pending.Waiting)
            _services.Mailboxes.Tell(new MailboxProtocol.Deliver(account, pending.Unfiled.Contains(account) ? FolderName.Inbox : pending.Folder, pending.Message));
    }

    private void GiveUpOnLost()
    {
        foreach (var pending in _pending.Values.Where(p => (p.Waiting.Count > 0 || p.IsQueued) && _services.Time.GetElapsedTime(p.Since) > (p.IsQueued ? RequestRules.Enqueue : RequestRules.Deliver).Answer).ToArray())
        {
            if (pending.IsQueued)
            {
                Finish(pending, Unavailable);
                continue;
            }

            foreach (var account in pending.Waiting) pending.Later[account] = Unavailable;
            pending.Waiting.Clear();
            Conclude(pending);
        }
    }

    private static SmtpReply Queued(SpooledMessage message) => new(250, "2.0.0", $"Ok: {message.Id}");

    private sealed record TimeoutTick
    {
        public static TimeoutTick Instance { get; } = new();
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Message {Message} of session {Session}: size {Size}, sender <{Sender}>, recipients {Recipients}: {Code}")]
    private partial void LogFinished(string session, SpoolId message, long size, Domain.Addresses.EmailAddress? sender, int recipients, int code);

    [LoggerMessage(Level = LogLevel.Information, Message = "The message of session {Session} was checked: {Verdict}")]
    private partial void LogChecked(string session, TrustVerdict verdict);

    [LoggerMessage(Level = LogLevel.Error, Message = "A message of session {Session} could not be accepted")]
    private partial void LogFailed(Exception exception, string session);

    [LoggerMessage(Level = LogLevel.Error, Message = "A message could not be written to the spool")]
    private partial void LogSpoolFailed(Exception exception);
}
