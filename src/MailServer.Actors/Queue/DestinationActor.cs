using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Actors.Entities;
using MailServer.Domain.Delivery;
using MailServer.Domain.Timing;
using MailServer.Protocol.Smtp.Client;

namespace MailServer.Actors.Queue;

/// <summary>
/// Sends a partition's messages for one destination, one after another over one connection, which is kept open while there are messages and for 2 seconds
/// after. If no host can be reached, all waiting messages are deferred together, and only forced attempts are made until a back-off has passed, which
/// doubles each time; the first message after it is the probe. A destination that hangs thus occupies one connection and does not delay other mail.
/// </summary>
internal sealed class DestinationActor(QueueServices services, Destination destination) : UntypedActor, IWithTimers
{
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan IdleAfter = TimeSpan.FromMinutes(1);

    private readonly DestinationConnector _connector = new(services, destination);
    private readonly LinkedList<DestinationProtocol.Job> _jobs = [];
    private OutboundSession? _session;
    private DestinationProtocol.Job? _current;
    private bool _opening;
    private int _failures;
    private DateTimeOffset _closedUntil;
    private DestinationConnection? _lastFailure;

    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan BackOff
    {
        get
        {
            var schedule = services.Options.Schedule;
            var interval = schedule.First * Math.Pow(2, Math.Min(_failures - 1, 16)) / 4;
            return interval < schedule.Longest ? interval : schedule.Longest;
        }
    }

    public static Props Props(QueueServices services, Destination destination) =>
        ActorFactory.Props(() => new DestinationActor(services, destination)).WithDispatcher("storage-dispatcher");

    protected override void PreStart() => Timers.StartSingleTimer(nameof(IdleAfter), Tick.Idle, IdleAfter);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case DestinationProtocol.Job job:
                if (job.Force) _closedUntil = default;
                Add(job);
                Continue();
                break;
            case ConnectionSlotsActor.Granted:
                _connector.ConnectAsync().PipeTo(Self, failure: e => new DestinationConnection(null, new SmtpReply(451, "4.3.0", e.GetType().Name), ""));
                break;
            case DestinationConnection opened:
                OnOpened(opened);
                break;
            case Sent sent:
                OnSent(sent);
                break;
            case Tick.Linger:
                if (_current is null) CloseSession();
                break;
            case Tick.Idle:
                Context.Parent.Tell(new DestinationProtocol.Idle(destination.Name));
                Timers.StartSingleTimer(nameof(IdleAfter), Tick.Idle, IdleAfter);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop() => CloseSession();

    /// <summary>Inserts the job behind those of the same or higher priority (RFC 6710 §4.1).</summary>
    private void Add(DestinationProtocol.Job job)
    {
        var before = _jobs.Last;
        while (before is not null && before.Value.Item.Priority < job.Item.Priority) before = before.Previous;
        if (before is null) _jobs.AddFirst(job);
        else _jobs.AddAfter(before, job);
    }

    private void Continue()
    {
        if (_current is not null || _opening) return;
        ReturnPaused();
        if (_jobs.Count == 0)
        {
            if (_session is not null) Timers.StartSingleTimer(nameof(Linger), Tick.Linger, Linger);
            return;
        }

        Timers.Cancel(nameof(Linger));
        if (_session is { IsOpen: false } || _session?.Messages >= services.Limits.OutboundTransactions) CloseSession();
        if (_session is not null)
        {
            Send(_session);
        }
        else if (_lastFailure is { } failure && !StoredTime.IsDue(_closedUntil, services.Time.GetUtcNow(), services.Options.Schedule.Longest))
        {
            FailAll(failure);
        }
        else
        {
            _opening = true;
            services.Connections.Tell(ConnectionSlotsActor.Request.Instance);
        }
    }

    /// <summary>Returns the recipients that were paused meanwhile. What is being sent is finished.</summary>
    private void ReturnPaused()
    {
        for (var node = _jobs.First; node is not null;)
        {
            var (job, next) = (node.Value, node.Next);
            var kept = job.Recipients.Where(i => !services.Pauses.IsPaused(job.Item.Recipients[i])).ToArray();
            if (kept.Length < job.Recipients.Count)
            {
                Context.Parent.Tell(new DestinationProtocol.Returned(destination.Name, job.Item.Message, job.Recipients.Count - kept.Length));
                if (kept.Length == 0) _jobs.Remove(node);
                else node.Value = job with { Recipients = kept };
            }

            node = next;
        }
    }

    private void OnOpened(DestinationConnection opened)
    {
        _opening = false;
        if (opened.Session is { } session)
        {
            (_session, _failures, _lastFailure) = (session, 0, null);
        }
        else
        {
            services.Connections.Tell(ConnectionSlotsActor.Release.Instance);
            _failures++;
            _lastFailure = opened;
            _closedUntil = services.Time.GetUtcNow() + BackOff;
            FailAll(opened);
        }

        Continue();
    }

    private void FailAll(DestinationConnection failure)
    {
        foreach (var job in _jobs) Report(job, failure.Host, "", [.. job.Recipients.Select(r => (r, failure.Refusal!))]);
        _jobs.Clear();
    }

    private void Send(OutboundSession session)
    {
        var job = _current = Take();
        MessageToSend content;
        try
        {
            content = new MessageToSend(services, job);
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            var reply = QueuedContent.ReplyOf(services, job.Item, e);
            _current = null;
            Report(job, "", "", [.. job.Recipients.Select(r => (r, reply))]);
            Continue();
            return;
        }

        SendAsync(session, content).PipeTo(Self, failure: _ => new Sent(null));
    }

    private static async Task<Sent> SendAsync(OutboundSession session, MessageToSend content)
    {
        using (content) return new Sent(await session.SendAsync(content.Message, content.Convert));
    }

    /// <summary>The next job; if it has many recipients, as many as fit into one transaction.</summary>
    private DestinationProtocol.Job Take()
    {
        var job = _jobs.First!.Value;
        _jobs.RemoveFirst();
        var most = services.Limits.OutboundRecipients;
        if (job.Recipients.Count <= most) return job;
        _jobs.AddFirst(job with { Recipients = [.. job.Recipients.Skip(most)] });
        return job with { Recipients = [.. job.Recipients.Take(most)] };
    }

    private void OnSent(Sent sent)
    {
        if (_current is not { } job || _session is not { } session) return;
        _current = null;
        if (sent.Outcome is { } outcome)
        {
            OnOutcome(job, session, outcome);
        }
        else if (session.Messages > 1)
        {
            // The host closed a connection that was idle between two messages: this message was not sent.
            CloseSession();
            _jobs.AddFirst(job);
        }
        else
        {
            var reply = new SmtpReply(451, "4.4.2", "The host did not answer");
            Report(job, session.Host, session.Tls, [.. job.Recipients.Select(r => (r, reply))]);
        }

        Continue();
    }

    /// <summary>Reports the outcome. Recipients that were too many for this transaction get another one if it delivered to some.</summary>
    private void OnOutcome(DestinationProtocol.Job job, OutboundSession session, SmtpOutcome outcome)
    {
        var goesOn = outcome.Recipients.Any(static r => r.Reply.IsPositive);
        var results = job.Recipients.Zip(outcome.Recipients, static (index, result) => (Index: index, Result: result)).ToLookup(r => goesOn && r.Result.IsPostponed);
        if (results[true].Any()) _jobs.AddFirst(job with { Recipients = [.. results[true].Select(static r => r.Index)] });
        Report(job, session.Host, session.Tls, [.. results[false].Select(static r => (r.Index, r.Result.Reply))], outcome.DsnPassedOn, outcome.DeadlinePassedOn);
    }

    private void Report(DestinationProtocol.Job job, string host, string tls, IReadOnlyList<(int Recipient, SmtpReply Reply)> replies, bool dsn = false, bool deadline = false) =>
        Context.Parent.Tell(new DestinationProtocol.Result(destination.Name, job.Item.Message, host, tls, replies, dsn, deadline));

    private void CloseSession()
    {
        if (_session is not { } session) return;
        _session = null;
        _ = QuitAsync(session, services.Connections, Self);
    }

    private static async Task QuitAsync(OutboundSession session, IActorRef connections, IActorRef holder)
    {
        try
        {
            await session.QuitAsync();
        }
        finally
        {
            connections.Tell(ConnectionSlotsActor.Release.Instance, holder);
        }
    }

    private sealed record Sent(SmtpOutcome? Outcome) : INoSerializationVerificationNeeded;

    private enum Tick
    {
        Linger,
        Idle,
    }
}
