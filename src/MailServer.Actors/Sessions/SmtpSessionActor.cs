using System.Buffers;
using Akka.Actor;
using MailServer.Actors.Cluster;
using MailServer.Actors.Delivery;
using MailServer.Actors.Submission;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Sessions;
using MailServer.Network.Listeners;
using MailServer.Protocol.Smtp;
using MailServer.Protocol.Smtp.Server;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Sessions;

/// <summary>One SMTP connection, receiving or submission: performs the effects of its <see cref="SmtpSession"/>.</summary>
internal sealed partial class SmtpSessionActor : SessionActor
{
    private readonly SmtpSession _session;
    private readonly SessionPolicy _policy;
    private readonly ILogger _log;
    private EmailAddress? _sender;
    private SmtpEffect? _effect;

    public SmtpSessionActor(SessionProtocol.Start start, SessionServices services) : base(start, services)
    {
        _log = services.Loggers.CreateLogger<SmtpSession>();
        _policy = Connection.Kind == ListenerKind.Smtp ? SessionPolicy.Receiving : SessionPolicy.Submission;
        _session = new SmtpSession(new SmtpSessionOptions
        {
            Hostname = services.Hostname,
            SessionId = Connection.Id,
            Policy = _policy,
            RemoteAddress = Connection.Remote.Address,
            Limits = services.Limits,
            Now = services.Time.GetUtcNow,
            RequireTls = services.RequireTls,
            TlsAvailable = true,
            Tls = Connection.Tls,
            Observer = this,
        })
        { Output = Output };
    }

    protected override void Greet()
    {
        LogConnected(Connection.Id, _policy, Connection.Remote);
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
        SmtpEffect.CheckSender or SmtpEffect.CheckRecipient => Services.Limits.AddressTimeout,
        SmtpEffect.Authenticate => Services.Limits.AuthenticationTimeout,
        SmtpEffect.AcceptMessage => Services.Limits.DeliveryTimeout,
        SmtpEffect.StartTls => Services.Limits.TlsHandshakeTimeout * 2,
        _ => Timeout.InfiniteTimeSpan,
    };

    protected override void Take(object answer)
    {
        switch (answer)
        {
            case AuthenticationReply reply:
                TakeAuthentication(reply);
                break;
            case SmtpReply reply:
                _session.Answer(reply);
                break;
        }
    }

    protected override bool TakeUnavailable()
    {
        switch (_effect)
        {
            case SmtpEffect.CheckSender or SmtpEffect.CheckRecipient or SmtpEffect.AcceptMessage:
                _session.Answer(AddressPolicy.Unavailable);
                return true;
            case SmtpEffect.Authenticate:
                TakeAuthentication(new AuthenticationReply.Unavailable());
                return true;
            default:
                return false;
        }
    }

    protected override ConversationState State =>
        new(_session.Account?.Address, _session.StateName, null, _session.LastCommand, _session.ClientName.Length == 0 ? null : _session.ClientName, null);

    protected override void OnSignedIn(Account account) => LogSignedIn(Connection.Id, account.Address, Connection.Remote);

    protected override void Answer(AuthenticationReply reply) => _session.Answer(reply);

    private Step Perform(SmtpEffect effect) => effect switch
    {
        SmtpEffect.CheckSender check => CheckSender(check.Sender),
        SmtpEffect.CheckRecipient check => Reply(CheckRecipientAsync(_sender, check.Recipient)),
        SmtpEffect.BeginMessage => BeginMessage(),
        SmtpEffect.AcceptMessage accept => AcceptMessage(accept.Transaction),
        SmtpEffect.DiscardMessage => DiscardMessage(),
        SmtpEffect.Authenticate authenticate => Authenticate(authenticate.Request),
        SmtpEffect.Flush => Step.Flush,
        SmtpEffect.StartTls => StartTls(),
        SmtpEffect.Close => Step.Close,
        _ => throw new InvalidOperationException($"unknown effect {effect}"),
    };

    private Step CheckSender(EmailAddress? sender)
    {
        _sender = sender;
        if (_policy == SessionPolicy.Receiving && Services.Admission?.CheckSender(Connection.Remote.Address) is { } refusal)
        {
            DeliveryMetrics.Refused(refusal);
            _session.Answer(refusal);
            return Step.Continue;
        }

        return Reply(Services.Addresses.CheckSenderAsync(_policy, _session.Account, sender, CancellationToken.None));
    }

    private async ValueTask<SmtpReply> CheckRecipientAsync(EmailAddress? sender, EmailAddress recipient)
    {
        var answer = await Services.Addresses.CheckRecipientAsync(_policy, recipient, Services.Quotas, CancellationToken.None);
        if (answer.IsPositive && _policy == SessionPolicy.Receiving && Services.Admission is { } admission)
            answer = await admission.CheckRecipientAsync(Connection.Remote.Address, sender, recipient, CancellationToken.None) ?? answer;
        if (_policy == SessionPolicy.Receiving) DeliveryMetrics.Refused(answer);
        return answer;
    }

    private Step Reply(ValueTask<SmtpReply> pending)
    {
        if (!pending.IsCompletedSuccessfully) return WaitFor(pending.AsTask());
        _session.Answer(pending.Result);
        return Step.Continue;
    }

    private Step BeginMessage()
    {
        _session.AnswerMessage(NewMessage());
        return Step.Continue;
    }

    private Step AcceptMessage(MailTransaction transaction) =>
        WaitFor(Services.Router.Ask<SmtpReply>(new DeliveryProtocol.Accept(transaction, TakeMessage()), Services.Limits.DeliveryTimeout * 2));

    private Step DiscardMessage()
    {
        DropMessage();
        return Step.Continue;
    }

    protected override bool OnMessage(object message) => message is NodeLost;

    protected override void OnTlsStarted(TlsInfo tls) => _session.TlsStarted(tls);

    protected override void OnTick()
    {
        if (AwaitsClient && SinceInput > Services.Limits.SmtpIdleTimeout) EndWith("idle for too long");
        else if (AwaitsClient && Services.Time.GetElapsedTime(StartedAt) > Services.Limits.SmtpConnectionLifetime) EndWith("connected for too long");
    }

    protected override void WriteGoodbye(string reason)
    {
        if (!_session.IsEnded) _session.Bye(reason);
    }

    protected override void PostStop()
    {
        _session.Dispose();
        LogEnded(Connection.Id);
        base.PostStop();
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "SMTP session {Session} ({Policy}) from {Remote}")]
    private partial void LogConnected(string session, SessionPolicy policy, System.Net.IPEndPoint remote);

    [LoggerMessage(Level = LogLevel.Information, Message = "SMTP session {Session} signed in as {Account} from {Remote}")]
    private partial void LogSignedIn(string session, EmailAddress account, System.Net.IPEndPoint remote);

    [LoggerMessage(Level = LogLevel.Debug, Message = "SMTP session {Session} ended")]
    private partial void LogEnded(string session);
}
