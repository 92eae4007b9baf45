using System.Buffers;
using Akka.Actor;
using MailServer.Actors.Cluster;
using MailServer.Actors.Entities;
using MailServer.Actors.Inspection;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Submission;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Domain.Sessions;
using MailServer.Protocol.Imap;
using MailServer.Protocol.Imap.Commands;
using MailServer.Protocol.Imap.Names;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Sessions;

/// <summary>One IMAP connection: performs the effects of its <see cref="ImapSession"/> and passes it changes of the selected folder.</summary>
internal sealed partial class ImapSessionActor : SessionActor
{
    private static readonly Task<object> Yielded = Task.FromResult(new object());
    private readonly ImapSession _session;
    private readonly ILogger _log;
    private readonly List<SpooledMessage> _spooled = [];
    private ImapEffect? _effect;
    private bool _readOnly;
    private long _lastNotice;

    public ImapSessionActor(SessionProtocol.Start start, SessionServices services) : base(start, services)
    {
        _log = services.Loggers.CreateLogger<ImapSession>();
        _lastNotice = StartedAt;
        _session = new ImapSession(new ImapSessionOptions
        {
            Hostname = services.Hostname,
            SessionId = Connection.Id,
            Limits = services.Limits,
            RequireTls = services.RequireTls,
            TlsAvailable = true,
            Tls = Connection.Tls,
            ServerId = services.ServerId,
            Disabled = services.DisabledImapCapabilities,
            Observer = this,
        })
        { Output = Output };
    }

    protected override void Greet()
    {
        LogConnected(Connection.Id, Connection.Remote);
        _session.Greet();
    }

    protected override Step Advance(ref ReadOnlySequence<byte> input)
    {
        var effect = _session.Advance(ref input);
        NoteAccount(_session.Account);
        _effect = effect;
        return effect is null ? Step.NeedInput : Perform(effect);
    }

    protected override TimeSpan AnswerTimeout => _effect switch
    {
        ImapEffect.RequestMailbox ask => RequestRules.Of(ask.Request).Answer,
        ImapEffect.RequestMailboxOf ask => RequestRules.Of(ask.Request).Answer,
        ImapEffect.FindAccount or ImapEffect.Authenticate or ImapEffect.ListSharers or ImapEffect.FindGuest => Services.Limits.AuthenticationTimeout,
        ImapEffect.CommitMessage => Services.Limits.DeliveryTimeout,
        ImapEffect.StartTls => Services.Limits.TlsHandshakeTimeout * 2,
        ImapEffect.StartCompression => Services.Limits.WriteTimeout,
        // Its writes have their own time limit.
        _ => Timeout.InfiniteTimeSpan,
    };

    protected override void Take(object answer)
    {
        switch (answer)
        {
            case AuthenticationReply reply:
                TakeAuthentication(reply);
                break;
            case FoundAccount found:
                _session.AnswerAccount(found.Account, isUnavailable: false);
                break;
            case SharersFound found:
                _session.AnswerSharers(found.Owners);
                break;
            case GuestFound found:
                _session.AnswerGuest(found.Guest);
                break;
            case DeliveryProtocol.Spooled spooled:
                if (spooled.Message is { } message) _spooled.Add(message);
                _session.Answer(spooled.Message);
                break;
        }
    }

    protected override bool TakeUnavailable()
    {
        switch (_effect)
        {
            case ImapEffect.RequestMailbox or ImapEffect.RequestMailboxOf:
                TakeMailbox(new MailboxReply.Refused(MailboxRefusal.Unavailable));
                return true;
            case ImapEffect.FindAccount:
                _session.AnswerAccount(null, isUnavailable: true);
                return true;
            case ImapEffect.Authenticate:
                TakeAuthentication(new AuthenticationReply.Unavailable());
                return true;
            case ImapEffect.CommitMessage:
                _session.Answer((SpooledMessage?)null);
                return true;
            case ImapEffect.ListSharers:
                // LIST must not fail because the folders of others are not known now.
                _session.AnswerSharers([]);
                return true;
            case ImapEffect.FindGuest:
                _session.AnswerGuest(null, isUnavailable: true);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Removes a message that was spooled after its client stopped waiting.</summary>
    protected override void Drop(object answer)
    {
        if (answer is DeliveryProtocol.Spooled { Message: { } message }) Services.Spool.Remove(message.Id);
    }

    protected override ConversationState State =>
        new(_session.Account?.Address, _session.StateName, _session.SelectedFolder?.ToString(), _session.LastCommand, null, _mailbox.IsNobody() ? null : ActorTree.InboxOf(_mailbox), MailboxNode);

    protected override void OnSignedIn(Account account) => LogSignedIn(Connection.Id, account.Address, Connection.Remote);

    protected override void OnSignedOut()
    {
        LeaveMailbox();
        LogSignedOut(Connection.Id);
    }

    protected override void Answer(AuthenticationReply reply) => _session.Answer(reply);

    private Step Perform(ImapEffect effect) => effect switch
    {
        ImapEffect.RequestMailbox ask => AskMailbox(ask.Request, ask.Owner),
        ImapEffect.RequestMailboxOf ask => AskMailboxOf(ask.Owner, ask.Request),
        ImapEffect.FindAccount find => WaitFor(FindAccountAsync(find.Login)),
        ImapEffect.ListSharers => WaitFor(FindSharersAsync()),
        ImapEffect.FindGuest find => WaitFor(FindGuestAsync(find.Address)),
        ImapEffect.Authenticate authenticate => Authenticate(authenticate.Request),
        ImapEffect.SendContent send => Send(send.Content, send.Offset, send.Count),
        ImapEffect.Flush => Step.Flush,
        ImapEffect.BeginMessage => BeginMessage(),
        ImapEffect.CommitMessage => CommitMessage(),
        ImapEffect.DiscardMessage => DiscardMessage(),
        ImapEffect.StartTls => StartTls(),
        ImapEffect.StartCompression => StartCompression(),
        ImapEffect.Yield => WaitFor(Yielded),
        ImapEffect.Close => Step.Close,
        _ => throw new InvalidOperationException($"unknown effect {effect}"),
    };

    private Step AskMailbox(MailboxRequest request, MailboxOwner? owner)
    {
        if (request is MailboxRequest.Select select) _readOnly = select.ReadOnly;
        (_asked, _askedOwner) = (request, owner);
        Ask(request, owner);
        return Step.Wait;
    }

    private Step BeginMessage()
    {
        _session.AnswerMessage(NewMessage());
        return Step.Continue;
    }

    private Step CommitMessage() =>
        WaitFor(Services.Router.Ask<DeliveryProtocol.Spooled>(new DeliveryProtocol.Spool(TakeMessage()), Services.Limits.DeliveryTimeout * 2));

    private Step DiscardMessage()
    {
        DropMessage();
        RemoveSpooled();
        return Step.Continue;
    }

    protected override bool OnMessage(object message)
    {
        switch (message)
        {
            case MailboxChanged change:
                // Folders of different mailboxes may have the same id: a late change of the mailbox before is not one of the selected folder.
                if (Sender.Equals(_mailbox)) OnChanged(change);
                return true;
            case OwnerFound found:
                SendTo(found);
                return true;
            case AccountChanged change:
                _session.ApplyChange(change);
                if (_session.HasWork) ResumeIfIdle();
                return true;
            case MailboxProtocol.NumberedReply answered:
                OnAnswered(answered);
                return true;
            case MailboxReply.Refused refused:
                // A request that was rejected on the way, for example by a full buffer, is refused.
                OnAnswered(new MailboxProtocol.NumberedReply(_resubscribes ? _selectNumber : _askedNumber, refused));
                return true;
            case ResubscribeTimeout asked:
                ResubscribeAgain(asked.Asked);
                return true;
            case NodeLost:
                OnNodeLost();
                return true;
            case Terminated terminated:
                OnMailboxStopped(terminated.ActorRef);
                return true;
            default:
                return false;
        }
    }

    private void OnChanged(MailboxChanged change)
    {
        _session.ApplyChange(change);
        if (_session.IsEnded)
        {
            EndWith("the selected folder was deleted");
            return;
        }

        FlushSoon();
        if (_session.HasWork) ResumeIfIdle();
    }

    protected override bool HasWork => _session.HasWork;

    private void RemoveSpooled()
    {
        foreach (var spooled in _spooled) Services.Spool.Remove(spooled.Id);
        _spooled.Clear();
    }

    protected override void OnTlsStarted(TlsInfo tls) => _session.TlsStarted(tls);

    protected override void OnTick()
    {
        var limits = Services.Limits;
        if (_session.Account is null)
        {
            if (Services.Time.GetElapsedTime(SignedOutAt) > limits.ImapLoginTimeout) EndWith("no sign-in within the time limit");
        }
        else if (AwaitsClient && SinceInput > limits.ImapInactivityTimeout && !_session.IsIdling)
        {
            EndWith("idle for too long");
        }
        else if (_effect is ImapEffect.RequestMailbox && SinceWait > Services.Limits.ImapProgress && Services.Time.GetElapsedTime(_lastNotice) > Services.Limits.ImapProgress)
        {
            _lastNotice = Services.Time.GetTimestamp();
            _session.WriteProgress();
            FlushSoon();
        }
        else if (_session.IsIdling && Services.Time.GetElapsedTime(_lastNotice) >= limits.ImapIdleKeepAlive)
        {
            _lastNotice = Services.Time.GetTimestamp();
            _session.WriteKeepAlive();
            FlushSoon();
        }
    }

    protected override TimeSpan TickPause => _session.IsIdling ? Services.Limits.ImapIdleKeepAlive - Services.Time.GetElapsedTime(_lastNotice) : TimeSpan.Zero;

    protected override void WriteGoodbye(string reason)
    {
        if (!_session.IsEnded) _session.Bye(reason);
    }

    protected override void PostStop()
    {
        _session.Dispose();
        RemoveSpooled();
        LogEnded(Connection.Id);
        base.PostStop();
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "IMAP session {Session} from {Remote}")]
    private partial void LogConnected(string session, System.Net.IPEndPoint remote);

    [LoggerMessage(Level = LogLevel.Information, Message = "IMAP session {Session} signed in as {Account} from {Remote}")]
    private partial void LogSignedIn(string session, Domain.Addresses.EmailAddress account, System.Net.IPEndPoint remote);

    [LoggerMessage(Level = LogLevel.Information, Message = "IMAP session {Session} signed out")]
    private partial void LogSignedOut(string session);

    [LoggerMessage(Level = LogLevel.Debug, Message = "IMAP session {Session} ended")]
    private partial void LogEnded(string session);
}
