using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Actors.Filtering;
using MailServer.Actors.Submission;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Actors.Mailboxes;

/// <summary>
/// Deliveries that go through scripts, one after the other, so that each sees the marks of the one before. The order of steps guarantees that nothing is lost and nothing is done twice:
/// (1) the scripts run and change nothing; (2) the messages to be sent are written to the spool; (3) all copies are stored, durable together; (4) the messages are queued, under ids that
/// follow from the delivery, so that the queue accepts each once; (5) the marks are left, among them that the delivery is complete; (6) the sender is answered. A failure before step 3 leaves
/// nothing, and the delivery is repeated. After a crash the delivery is repeated too: copies are recognised by their base, sent messages by their ids.
/// <para>A delivery that only stores copies does not wait for its commit, so a burst of them costs one flush like one without scripts.</para>
/// </summary>
internal sealed class ScriptedDeliveries(RecoverableMailbox mailbox, StagedMessages staged, MailboxServices services, ScriptLibrary library, IActorRef self, Action<long> startTimer)
{
    private readonly ScriptServices _scripts = services.Scripts!;
    private readonly Queue<ScriptedDelivery> _waiting = new();
    private readonly ScriptRun _run = new(mailbox, services);
    private readonly ScriptCopies _copies = new(mailbox, staged, services);
    private ScriptedDelivery? _current;
    private long _tickets;

    /// <summary>True if no delivery waits or is under way.</summary>
    public bool IsIdle => _current is null && _waiting.Count == 0;

    /// <summary>True if scripts decide about the delivery.</summary>
    public bool Applies(MailboxProtocol.Deliver request) =>
        !request.SkipsScripts && mailbox.IsOpen && library.HasAny;

    public void Begin(MailboxProtocol.Deliver request, IActorRef client)
    {
        var delivery = new ScriptedDelivery(request, client);
        if (_waiting.Count >= services.Limits.ScriptedDeliveries)
        {
            Answer(delivery, new MailboxReply.Refused(MailboxRefusal.Unavailable));
            return;
        }

        _waiting.Enqueue(delivery);
        Advance();
    }

    /// <summary>Continues the delivery that waited for this answer; later answers are ignored.</summary>
    public void Continue(object answer)
    {
        switch (answer)
        {
            case ScriptMailProtocol.FactsLoaded facts when IsExpected(facts.Ticket, ScriptedDeliveryState.LoadingFacts):
                Try(() => OnFacts(_current!, facts));
                break;
            case ScriptMailProtocol.Prepared prepared when IsExpected(prepared.Ticket, ScriptedDeliveryState.Preparing):
                Try(() => OnPrepared(_current!, prepared));
                break;
            case ScriptMailProtocol.Prepared { Mails: { } late }:
                _copies.Discard(late);
                break;
            case ScriptMailProtocol.Published published when IsExpected(published.Ticket, ScriptedDeliveryState.Publishing):
                if (published.IsSafe) Complete(_current!);
                else Refuse(_current!);
                break;
        }

        Advance();
    }

    /// <summary>An answer did not arrive in time. Nothing is lost: the delivery is repeated, and recognises what was done.</summary>
    public void OnTimeout(long ticket)
    {
        if (_current is { } delivery && delivery.Ticket == ticket && delivery.State != ScriptedDeliveryState.Storing) Refuse(delivery);
        Advance();
    }

    /// <summary>Refuses all deliveries temporarily.</summary>
    public void RefuseAll()
    {
        if (_current is { } delivery) Refuse(delivery);
        while (_waiting.TryDequeue(out var next)) Answer(next, new MailboxReply.Refused(MailboxRefusal.Unavailable));
    }

    private bool IsExpected(long ticket, ScriptedDeliveryState state) => _current is { } delivery && delivery.Ticket == ticket && delivery.State == state;

    private void Advance()
    {
        while (_current is null && _waiting.TryDequeue(out var next))
        {
            _current = next;
            Try(() => Start(next));
        }
    }

    private void Try(Action step)
    {
        var delivery = _current!;
        try
        {
            step();
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            Refuse(delivery);
            mailbox.Recover(e, nameof(MailboxProtocol.Deliver));
        }
    }

    private void Start(ScriptedDelivery delivery)
    {
        if (mailbox.Store.HasMark(ScriptMarks.OfDelivery(delivery.Message.Id)))
        {
            Finish(delivery, MailboxReply.Done.Instance);
            return;
        }

        delivery.Scripts = library.ForDelivery();
        var needs = delivery.Scripts.Aggregate(SieveNeeds.None, (all, script) => all | library.NeedsOf(script));
        if ((needs & (SieveNeeds.Vacation | SieveNeeds.Lists)) == 0) Decide(delivery);
        else Ask(delivery, ScriptedDeliveryState.LoadingFacts, ticket => new ScriptMailProtocol.LoadFacts(ticket, mailbox.Account, needs.HasFlag(SieveNeeds.Lists)));
    }

    private void OnFacts(ScriptedDelivery delivery, ScriptMailProtocol.FactsLoaded facts)
    {
        if (facts.Addresses is not { } addresses)
        {
            Refuse(delivery);
            return;
        }

        (delivery.OwnAddresses, delivery.Contacts) = (addresses, facts.Contacts);
        Decide(delivery);
    }

    private void Decide(ScriptedDelivery delivery)
    {
        var mails = _run.Decide(delivery, library);
        _scripts.FaultPoint?.Invoke("script: decided");
        if (delivery.Decision!.Rejection is { } reason)
        {
            delivery.Done.Add("refused");
            Finish(delivery, new MailboxReply.Rejected(reason));
        }
        else if (mails.Count > 0)
        {
            Ask(delivery, ScriptedDeliveryState.Preparing, ticket => new ScriptMailProtocol.Prepare(ticket, mailbox.Account, delivery.Source, mails));
        }
        else
        {
            Store(delivery);
        }
    }

    private void OnPrepared(ScriptedDelivery delivery, ScriptMailProtocol.Prepared prepared)
    {
        if (prepared.Mails is not { } mails)
        {
            Refuse(delivery);
            return;
        }

        delivery.Mails = mails;
        _scripts.FaultPoint?.Invoke("script: prepared");
        Store(delivery);
    }

    private void Store(ScriptedDelivery delivery)
    {
        delivery.State = ScriptedDeliveryState.Storing;
        var isAlone = ScriptCopies.IsOnlyStored(delivery);
        _copies.Stage(delivery, reply => OnStored(delivery, reply));
        // Answered with the whole burst. The next delivery need not wait, because this one leaves no marks.
        if (isAlone) Release(delivery);
        else staged.Commit();
    }

    private void OnStored(ScriptedDelivery delivery, MailboxReply reply)
    {
        _copies.RemoveAttempts(delivery);
        if (reply is MailboxReply.Refused)
        {
            _copies.Discard(delivery.Mails);
            delivery.Done.Clear();
            delivery.Done.Add("not stored");
            Finish(delivery, reply);
            return;
        }

        _scripts.FaultPoint?.Invoke("script: stored");
        if (ScriptCopies.IsOnlyStored(delivery)) Finish(delivery, reply);
        else if (delivery.Mails.Any(static m => m.Item is not null)) Ask(delivery, ScriptedDeliveryState.Publishing, ticket => new ScriptMailProtocol.Publish(ticket, delivery.Mails));
        else Complete(delivery);
    }

    private void Complete(ScriptedDelivery delivery)
    {
        _scripts.FaultPoint?.Invoke("script: sent");
        try
        {
            staged.Commit();
            mailbox.Store.AddMarks(_run.MarksOf(delivery));
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            // Everything was done: a repeated delivery would not be better.
            mailbox.Recover(e, nameof(MailboxProtocol.Deliver));
        }

        _scripts.FaultPoint?.Invoke("script: marked");
        Finish(delivery, MailboxReply.Done.Instance);
    }

    private void Ask(ScriptedDelivery delivery, ScriptedDeliveryState state, Func<long, object> question)
    {
        (delivery.State, delivery.Ticket) = (state, ++_tickets);
        _scripts.Mail.Tell(question(delivery.Ticket), self);
        startTimer(delivery.Ticket);
    }

    private void Refuse(ScriptedDelivery delivery)
    {
        // What is being published may be on its way: its files stay.
        if (delivery.State != ScriptedDeliveryState.Publishing) _copies.Discard(delivery.Mails);
        _copies.RemoveAttempts(delivery);
        delivery.Done.Add("postponed: a temporary failure");
        Finish(delivery, new MailboxReply.Refused(MailboxRefusal.Unavailable));
    }

    private void Finish(ScriptedDelivery delivery, MailboxReply reply)
    {
        if (delivery.IsAnswered) return;
        delivery.IsAnswered = true;
        _run.Trace(delivery);
        Answer(delivery, reply);
        Release(delivery);
    }

    private void Release(ScriptedDelivery delivery)
    {
        if (_current == delivery) _current = null;
    }

    private void Answer(ScriptedDelivery delivery, MailboxReply reply) =>
        delivery.Client.Tell(new MailboxProtocol.Delivered(mailbox.Account, delivery.Message.Id, reply), self);
}
