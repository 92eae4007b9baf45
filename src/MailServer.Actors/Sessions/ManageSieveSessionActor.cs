using System.Buffers;
using Akka.Actor;
using MailServer.Actors.Cluster;
using MailServer.Actors.Entities;
using MailServer.Actors.Filtering;
using MailServer.Actors.Mailboxes;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Sessions;
using MailServer.Protocol.ManageSieve;
using MailServer.Protocol.ManageSieve.Commands;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Sessions;

/// <summary>One ManageSieve connection: performs the effects of its <see cref="ManageSieveSession"/>, and records changes of scripts in the audit log.</summary>
internal sealed partial class ManageSieveSessionActor : SessionActor
{
    private readonly ManageSieveSession _session;
    private readonly ILogger _log;
    private ManageSieveEffect? _effect;
    private MailboxRequest? _asked;
    private long _sequence;

    public ManageSieveSessionActor(SessionProtocol.Start start, SessionServices services) : base(start, services)
    {
        _log = services.Loggers.CreateLogger<ManageSieveSession>();
        _session = new ManageSieveSession(new ManageSieveSessionOptions
        {
            Hostname = services.Hostname,
            Implementation = services.ServerId.Count > 0 ? services.ServerId[0] : "mailserver",
            Limits = services.Limits,
            RequireTls = services.RequireTls,
            TlsAvailable = true,
            Tls = Connection.Tls,
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
        return effect switch
        {
            null => Step.NeedInput,
            ManageSieveEffect.RequestMailbox ask => AskMailbox(ask.Request),
            ManageSieveEffect.Authenticate authenticate => Authenticate(authenticate.Request),
            ManageSieveEffect.StartTls => StartTls(),
            ManageSieveEffect.Close => Step.Close,
            _ => throw new InvalidOperationException($"unknown effect {effect}"),
        };
    }

    protected override TimeSpan AnswerTimeout => _effect switch
    {
        ManageSieveEffect.RequestMailbox ask => RequestRules.Of(ask.Request).Answer,
        ManageSieveEffect.Authenticate => Services.Limits.AuthenticationTimeout,
        ManageSieveEffect.StartTls => Services.Limits.TlsHandshakeTimeout * 2,
        _ => Timeout.InfiniteTimeSpan,
    };

    protected override void Take(object answer)
    {
        if (answer is AuthenticationReply reply) TakeAuthentication(reply);
    }

    protected override bool TakeUnavailable()
    {
        switch (_effect)
        {
            case ManageSieveEffect.RequestMailbox:
                // A request that has not arrived yet must not be executed after its client was told that it failed.
                if (Context.System.HasExtension<Akka.Cluster.Cluster>()) Services.Mailboxes.Tell(OfferProtocol.Abandoned.Instance);
                TakeMailbox(new MailboxReply.Refused(MailboxRefusal.Unavailable));
                return true;
            case ManageSieveEffect.Authenticate:
                TakeAuthentication(new AuthenticationReply.Unavailable());
                return true;
            default:
                return false;
        }
    }

    protected override ConversationState State => new(_session.Account?.Address, _session.StateName, null, _session.LastCommand, null, null);

    protected override void OnSignedIn(Account account) => LogSignedIn(Connection.Id, account.Address, Connection.Remote);

    protected override void Answer(AuthenticationReply reply) => _session.Answer(reply);

    protected override bool OnMessage(object message)
    {
        switch (message)
        {
            case MailboxProtocol.NumberedReply answered:
                OnAnswered(answered.Sequence, answered.Reply);
                return true;
            case MailboxReply.Refused refused:
                OnAnswered(_sequence, refused);
                return true;
            case NodeLost:
                // The request may have been lost with it; a late answer has an old number.
                if (_asked is { } request && RequestRules.Of(request).Repeatable) Send(request);
                return true;
            default:
                return false;
        }
    }

    protected override void OnTlsStarted(TlsInfo tls) => _session.TlsStarted(tls);

    protected override void OnTick()
    {
        var limits = Services.Limits;
        if (_session.Account is null && Services.Time.GetElapsedTime(SignedOutAt) > limits.ManageSieveLoginTimeout) EndWith("no sign-in within the time limit");
        else if (AwaitsClient && SinceInput > limits.ManageSieveInactivityTimeout) EndWith("idle for too long");
    }

    protected override void WriteGoodbye(string reason)
    {
        if (!_session.IsEnded) _session.Bye(reason, "TRYLATER");
    }

    protected override void PostStop()
    {
        _session.Dispose();
        LogEnded(Connection.Id);
        base.PostStop();
    }

    private Step AskMailbox(MailboxRequest request)
    {
        _asked = request;
        Send(request);
        return Step.Wait;
    }

    private void Send(MailboxRequest request) => Services.Mailboxes.Tell(new MailboxProtocol.AccountRequest(_session.Account!.Id, request, ++_sequence));

    private void OnAnswered(long sequence, MailboxReply reply)
    {
        if (_asked is null || sequence != _sequence) return;
        TakeMailbox(reply);
        Resume();
    }

    private void TakeMailbox(MailboxReply reply)
    {
        if (reply is MailboxReply.Done && _asked is { } request && ScriptChange.Of(request) is { } change)
            Services.Audit.Note(new AuditEvent(Services.Time.GetUtcNow(), change.Kind, _session.Account!.Address.ToString(), "managesieve", Connection.Remote.Address, change.Detail));
        _asked = null;
        _session.Answer(reply);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "ManageSieve session {Session} from {Remote}")]
    private partial void LogConnected(string session, System.Net.IPEndPoint remote);

    [LoggerMessage(Level = LogLevel.Information, Message = "ManageSieve session {Session} signed in as {Account} from {Remote}")]
    private partial void LogSignedIn(string session, Domain.Addresses.EmailAddress account, System.Net.IPEndPoint remote);

    [LoggerMessage(Level = LogLevel.Debug, Message = "ManageSieve session {Session} ended")]
    private partial void LogEnded(string session);
}
