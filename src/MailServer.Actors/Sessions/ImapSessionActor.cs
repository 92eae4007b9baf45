using System.Buffers;
using Akka.Actor;
using MailServer.Actors.Delivery;
using MailServer.Actors.Mailboxes;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Domain.Sessions;
using MailServer.Protocol.Imap;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Sessions;

/// <summary>One IMAP connection: performs what its <see cref="ImapSession"/> asks for, and brings it the changes of the folder it has selected.</summary>
internal sealed partial class ImapSessionActor : SessionActor
{
    private readonly ImapSession _session;
    private readonly ILogger _log;
    private SpooledMessage? _spooled;
    private IActorRef _mailbox = ActorRefs.Nobody;
    private bool _asksMailbox;
    private bool _resubscribes;
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
        return effect is null ? Step.NeedInput : Perform(effect);
    }

    protected override void OnSignedIn(Account account) => LogSignedIn(Connection.Id, account.Address);

    protected override void Answer(AuthenticationReply reply) => _session.Answer(reply);

    private Step Perform(ImapEffect effect) => effect switch
    {
        ImapEffect.AskMailbox ask => AskMailbox(ask.Request),
        ImapEffect.Authenticate authenticate => Authenticate(authenticate.Request),
        ImapEffect.SendContent send => Send(send.Content, send.Offset, send.Count),
        ImapEffect.Flush => Step.Flush,
        ImapEffect.BeginMessage => BeginMessage(),
        ImapEffect.CommitMessage => CommitMessage(),
        ImapEffect.DiscardMessage => DiscardMessage(),
        ImapEffect.StartTls => StartTls(),
        ImapEffect.Close => Step.Close,
        _ => throw new InvalidOperationException($"unknown effect {effect}"),
    };

    private Step AskMailbox(MailboxRequest request)
    {
        if (request is MailboxRequest.Select select) _readOnly = select.ReadOnly;
        _asksMailbox = true;
        Services.Mailboxes.Tell(new MailboxProtocol.ToMailbox(_session.Account!.Id, request));
        return Step.Wait;
    }

    private Step BeginMessage()
    {
        _session.AnswerMessage(NewMessage());
        return Step.Continue;
    }

    private Step CommitMessage()
    {
        Services.Router.Tell(new DeliveryProtocol.Spool(TakeMessage()));
        return Step.Wait;
    }

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
                OnChanged(change);
                return true;
            case MailboxReply reply:
                OnMailboxReply(reply);
                return true;
            case DeliveryProtocol.Spooled spooled:
                _spooled = spooled.Message;
                _session.Answer(spooled.Message);
                Resume();
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
        _session.Changed(change);
        if (_session.IsOver) EndWith("the selected folder is no more");
        else FlushSoon();
    }

    private void OnMailboxReply(MailboxReply reply)
    {
        if (_resubscribes)
        {
            OnResubscribed(reply);
            return;
        }

        if (reply is MailboxReply.Selected) Follow(Sender);
        RemoveSpooled();
        _asksMailbox = false;
        _session.Answer(reply);
        Resume();
    }

    /// <summary>The mailbox actor with this session's subscription stopped: what it was asked is answered, and the folder selected anew behind the client's back.</summary>
    private void OnMailboxStopped(IActorRef stopped)
    {
        if (!stopped.Equals(_mailbox)) return;
        _mailbox = ActorRefs.Nobody;
        if (_session.SelectedFolder is { } folder && _session.Account is { } account)
        {
            _resubscribes = true;
            Services.Mailboxes.Tell(new MailboxProtocol.ToMailbox(account.Id, new MailboxRequest.Select(folder, _readOnly)));
        }
        else
        {
            AnswerUnavailable();
        }
    }

    private void OnResubscribed(MailboxReply reply)
    {
        _resubscribes = false;
        if (reply is not MailboxReply.Selected { Folder: var folder })
        {
            EndWith("the selected folder is not available");
            return;
        }

        Follow(Sender);
        _session.Reselected(folder);
        FlushSoon();
        AnswerUnavailable();
    }

    private void AnswerUnavailable()
    {
        if (!_asksMailbox) return;
        _asksMailbox = false;
        _session.Answer(new MailboxReply.Refused(MailboxRefusal.Unavailable));
        Resume();
    }

    private void Follow(IActorRef mailbox)
    {
        if (mailbox.Equals(_mailbox)) return;
        if (!_mailbox.IsNobody()) Context.Unwatch(_mailbox);
        _mailbox = Context.Watch(mailbox);
    }

    private void RemoveSpooled()
    {
        if (_spooled is not { } spooled) return;
        _spooled = null;
        Services.Spool.Remove(spooled.Id);
    }

    protected override void OnTlsStarted(TlsInfo tls) => _session.TlsStarted(tls);

    protected override void OnTick()
    {
        var limits = Services.Limits;
        if (_session.Account is null)
        {
            if (Services.Time.GetElapsedTime(StartedAt) > limits.ImapLogin) EndWith("no sign-in in time");
        }
        else if (AwaitsClient && SinceInput > limits.ImapIdle && !_session.IsIdling)
        {
            EndWith("idle for too long");
        }
        else if (_session.IsIdling && Services.Time.GetElapsedTime(_lastNotice) >= limits.ImapIdleNotice)
        {
            _lastNotice = Services.Time.GetTimestamp();
            _session.StillHere();
            FlushSoon();
        }
    }

    protected override void SayBye(string reason)
    {
        if (!_session.IsOver) _session.Bye(reason);
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

    [LoggerMessage(Level = LogLevel.Information, Message = "IMAP session {Session} signed in as {Account}")]
    private partial void LogSignedIn(string session, Domain.Addresses.EmailAddress account);

    [LoggerMessage(Level = LogLevel.Debug, Message = "IMAP session {Session} ended")]
    private partial void LogEnded(string session);
}
