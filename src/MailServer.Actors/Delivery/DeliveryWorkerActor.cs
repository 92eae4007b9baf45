using Akka.Actor;
using MailServer.Actors.Cluster;
using MailServer.Actors.Entities;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Queue;
using MailServer.Actors.Submission;
using MailServer.Domain.Delivery;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Delivery;

/// <summary>
/// Delivers accepted messages. The order of steps guarantees that nothing acknowledged is lost and that a refused message leaves nothing behind: (1) a
/// <see cref="MessagePreparer"/> resolves recipients and authenticates mail from outside; (2) a submission is corrected, trace fields and signature are added, and the content is written
/// to the spool once, durably; (3) each local mailbox links the file and answers when that is durable; (4) mail for other hosts gets an envelope file and is
/// queued, and the queue answers when that is durable; (5) the client receives 250; (6) the spool's own name for the file is removed unless the queue needs
/// it. A <see cref="DeliveryPlan"/> decides steps 3 to 6. A crash before the 250 leaves at most a spool file, which the next start removes or sets aside.
/// </summary>
internal sealed partial class DeliveryWorkerActor : UntypedActor, IWithTimers
{
    private static readonly FolderName Junk = FolderName.Parse("Junk");

    private readonly DeliveryServices _services;
    private readonly ILogger _log;
    private readonly MessagePreparer _preparer;
    private readonly SubmissionCorrector _submissions;
    private readonly DeliveryFieldWriter _fields;
    private readonly DeliveredMessageHandlers _readers;
    private readonly ListMailer _lists;
    private readonly Dictionary<SpoolId, PendingDelivery> _pending = [];

    public DeliveryWorkerActor(DeliveryServices services)
    {
        _services = services;
        _log = services.Loggers.CreateLogger<DeliveryWorkerActor>();
        _preparer = new MessagePreparer(services, _log);
        _submissions = new SubmissionCorrector(services, _log);
        _fields = new DeliveryFieldWriter(services);
        _lists = new ListMailer(services);
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
            case MailboxProtocol.Delivered delivered:
                OnDelivered(delivered);
                break;
            case QueueProtocol.Enqueued enqueued:
                Continue(enqueued.Message, plan => plan.OnEnqueued(enqueued.Taken));
                break;
            case QueueProtocol.Unavailable unavailable:
                Continue(unavailable.Message, plan => plan.OnQueueUnavailable(unavailable.MayHaveIt));
                break;
            case DeliveryProtocol.Spool spool:
                Sender.Tell(new DeliveryProtocol.Spooled(Commit(spool.Content, [])));
                break;
            case TimeoutTick:
                foreach (var pending in _pending.Values.Where(IsOverdue).ToArray()) Perform(pending, pending.Plan.OnTimeout());
                break;
            case NodeLost:
                foreach (var pending in _pending.Values.ToArray()) Perform(pending, pending.Plan.Repeat());
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Prepare(DeliveryProtocol.Accept accept)
    {
        var client = Sender;
        var pending = _preparer.PrepareAsync(accept, client);
        if (pending.IsCompletedSuccessfully) StoreOrRefuse(pending.Result);
        else pending.AsTask().PipeTo(Self, failure: e => _preparer.Fail(accept, client, e));
    }

    private void StoreOrRefuse(PreparedMessage prepared)
    {
        try
        {
            prepared = _submissions.Correct(prepared);
            CountVerdict(prepared);
            if (prepared.Refusal is { } refusal) Refuse(prepared, refusal);
            else Store(prepared);
        }
        catch (Exception e)
        {
            var refused = _preparer.Fail(prepared.Accept, prepared.Client, e);
            // Messages that are being delivered are answered by their mailbox or queue, or by the time-out.
            if (_pending.ContainsKey(prepared.Accept.Content.Id)) return;
            prepared.Accept.Content.Dispose();
            prepared.Client.Tell(refused.Refusal!);
        }
    }

    private void CountVerdict(PreparedMessage prepared)
    {
        if (prepared.Verdict is not { } verdict) return;
        LogChecked(prepared.Accept.Transaction.SessionId, verdict);
        DeliveryMetrics.Checked(verdict);
        // A client that must try again is counted at the next attempt.
        if (prepared.Refusal is { IsTransient: true }) return;
        foreach (var observation in verdict.Observations) _services.Reports.Record(observation);
    }

    private void Refuse(PreparedMessage prepared, SmtpReply refusal)
    {
        var accept = prepared.Accept;
        DeliveryMetrics.Offered(accept.Transaction, refusal);
        _services.Trace.Add(DeliveryTraceSteps.Refused(accept.Content.Id, prepared, refusal, _services.Time.GetUtcNow()));
        accept.Content.Dispose();
        prepared.Client.Tell(refusal);
    }

    private void Store(PreparedMessage prepared)
    {
        var fields = _fields.Write(prepared);
        if (Commit(prepared.Accept.Content, fields.Octets.Span) is not { } message)
        {
            prepared.Client.Tell(DeliveryPlan.StorageFailed);
            return;
        }

        if (WriteListCopies(message, prepared) is not { } copies)
        {
            _services.Spool.Remove(message.Id);
            prepared.Client.Tell(DeliveryPlan.StorageFailed);
            return;
        }

        var accepted = new SmtpReply(250, "2.0.0", $"Ok: {message.Id}");
        var plan = new DeliveryPlan(
            prepared.Destinations, prepared.QuarantineReason is null ? FolderName.Inbox : Junk, accepted, prepared.MayTellSender, copies.Count > 0, QueueItemFactory.RefusingLists(prepared).Any());
        var pending = new PendingDelivery(prepared, message, plan) { Skip = fields.ReturnPath, IsSigned = fields.IsSigned };
        _pending.Add(message.Id, pending);
        Perform(pending, plan.Start(IsHeld(pending.Transaction)));
    }

    /// <summary>Writes the copies for the members of lists before anything else is delivered, so that a failure leaves nothing behind; then the queue gets them. Null after a failure.</summary>
    private IReadOnlyList<QueueItem>? WriteListCopies(SpooledMessage message, PreparedMessage prepared)
    {
        if (prepared.Posts.Count == 0) return [];
        try
        {
            if (!_lists.CanSign(prepared)) return null;
            var copies = _lists.Write(message, prepared);
            if (copies.Count > 0) Context.ActorSelection(ScriptMailProtocol.Path).Tell(new ScriptMailProtocol.Offer(copies));
            return copies;
        }
        catch (IOException e)
        {
            LogSpoolFailed(e);
            return null;
        }
    }

    /// <summary>RFC 4865: nothing is delivered before the requested time.</summary>
    private bool IsHeld(MailTransaction transaction) => transaction.Options.HoldUntil is { } until && until > _services.Time.GetUtcNow();

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

    private void OnDelivered(MailboxProtocol.Delivered delivered)
    {
        Continue(delivered.Message, plan =>
        {
            var wasWaiting = plan.IsWaitingFor(delivered.Account);
            var steps = plan.OnDelivered(delivered.Account, delivered.Result);
            if (wasWaiting && !plan.IsWaitingFor(delivered.Account)) DeliveryMetrics.Delivered(delivered.Result);
            return steps;
        });
    }

    private void Continue(SpoolId message, Func<DeliveryPlan, IReadOnlyList<DeliveryStep>> next)
    {
        if (_pending.TryGetValue(message, out var pending)) Perform(pending, next(pending.Plan));
    }

    private bool IsOverdue(PendingDelivery pending)
    {
        var rule = pending.Plan.State == DeliveryState.Queueing ? RequestRules.Enqueue : RequestRules.Deliver;
        return _services.Time.GetElapsedTime(pending.Since) > rule.Answer;
    }

    private void Perform(PendingDelivery pending, IReadOnlyList<DeliveryStep> steps)
    {
        foreach (var step in steps)
        {
            switch (step)
            {
                case DeliveryStep.DeliverTo deliver:
                    pending.Since = _services.Time.GetTimestamp();
                    _services.Mailboxes.Tell(new MailboxProtocol.Deliver(deliver.Account, deliver.Folder, pending.Message)
                    {
                        Recipient = pending.Prepared.Destinations.Accounts.GetValueOrDefault(deliver.Account),
                        FurtherRecipients = pending.Prepared.Destinations.FurtherOf(deliver.Account),
                        SkipsScripts = deliver.SkipsScripts,
                    });
                    break;
                case DeliveryStep.Enqueue:
                    Enqueue(pending);
                    break;
                case DeliveryStep.Finish finish:
                    Finish(pending, finish);
                    break;
            }
        }
    }

    private void Enqueue(PendingDelivery pending)
    {
        if (pending.Item is null)
        {
            var item = QueueItemFactory.Create(_services, pending.Message, pending.Prepared, pending.Skip, pending.Plan.Later);
            if (!WriteEnvelope(item))
            {
                Perform(pending, pending.Plan.OnEnvelopeFailed());
                return;
            }

            pending.Item = item;
        }

        pending.Since = _services.Time.GetTimestamp();
        _services.Queue.Tell(new QueueProtocol.Enqueue(pending.Item));
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

    private void Finish(PendingDelivery pending, DeliveryStep.Finish finish)
    {
        var (message, transaction, reply) = (pending.Message, pending.Transaction, finish.Reply);
        _pending.Remove(message.Id);
        pending.Client.Tell(reply);
        DeliveryMetrics.Offered(transaction, reply);
        var sender = transaction.Sender?.ToString() ?? "<>";
        LogFinished(transaction.SessionId, message.Id, message.Size, sender, transaction.Recipients.Count, reply.Code);
        Trace(pending, reply);
        if (reply.IsPositive)
        {
            if (pending.Plan.Reached is { Count: > 0 } accounts) _readers.Dispatch(new DeliveredMessage(message, transaction, accounts, pending.Prepared.Verdict));
            if (QueueItemFactory.SuccessNotice(_services, message, pending.Prepared, pending.Plan.Later) is { } notice) _services.Router.Tell(notice, ActorRefs.NoSender);
        }

        if (finish.RemovesContent) _services.Spool.Remove(message.Id);
        if (finish.RemovesEnvelope) _services.Spool.Envelopes.Remove(message.Id);
    }

    private void Trace(PendingDelivery pending, SmtpReply reply)
    {
        var now = _services.Time.GetUtcNow();
        var messageId = QueueItemFactory.MessageIdOf(pending.Message, pending.Prepared, _services.Hostname);
        _services.Trace.Add(reply.IsPositive
            ? DeliveryTraceSteps.Accepted(pending.Message, messageId, pending.Prepared, pending.IsSigned, pending.Plan.Later, now)
            : DeliveryTraceSteps.Refused(pending.Message.Id, pending.Prepared, reply, now));
    }

    private sealed record TimeoutTick
    {
        public static TimeoutTick Instance { get; } = new();
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Message {Message} of session {Session}: size {Size}, sender {Sender}, recipients {Recipients}: {Code}")]
    private partial void LogFinished(string session, SpoolId message, long size, string sender, int recipients, int code);

    [LoggerMessage(Level = LogLevel.Information, Message = "The message of session {Session} was checked: {Verdict}")]
    private partial void LogChecked(string session, TrustVerdict verdict);

    [LoggerMessage(Level = LogLevel.Error, Message = "A message could not be written to the spool")]
    private partial void LogSpoolFailed(Exception exception);
}
