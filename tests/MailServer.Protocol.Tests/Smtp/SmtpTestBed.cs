using System.Buffers;
using System.Net;
using System.Text;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Sessions;
using MailServer.Protocol.Smtp;
using MailServer.Protocol.Smtp.Server;
using MailServer.Protocol.Tests.Sasl;

namespace MailServer.Protocol.Tests.Smtp;

/// <summary>
/// A driver for one <see cref="SmtpSession"/> with a minimal environment: example.org is hosted and has user@example.org with the
/// password "secret"; every other address is unknown or remote.
/// </summary>
internal sealed class SmtpTestBed : IDisposable
{
    public static readonly TlsInfo Tls = new BindableTlsInfo("TLSv1.3", "TLS_AES_256_GCM_SHA384", null, new TlsBindings("exporter"u8.ToArray(), "end point"u8.ToArray()));

    /// <summary>The time of the session's clock, which stands still.</summary>
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ArrayBufferWriter<byte> _output = new();
    private byte[] _left = [];
    private ArrayBufferWriter<byte>? _message;
    private int _read;

    public SmtpTestBed(SmtpSessionOptions options)
    {
        Session = new SmtpSession(options) { Output = _output };
        Session.Greet();
    }

    public SmtpSession Session { get; }

    public List<(MailTransaction Transaction, byte[] Content)> Accepted { get; } = [];

    public int Discarded { get; private set; }

    public SmtpReply Verdict { get; set; } = new(250, "2.0.0", "Accepted");

    public static SmtpSessionOptions Receiving { get; } = new()
    {
        Hostname = "mx.example.org",
        SessionId = "s1",
        Policy = SessionPolicy.Receiving,
        RemoteAddress = IPAddress.Parse("192.0.2.1"),
        TlsAvailable = true,
        ServerNonce = () => "server",
        Now = static () => Start,
    };

    public static SmtpSessionOptions Submission { get; } = Receiving with { Policy = SessionPolicy.Submission, RequireTls = true };

    public static SmtpSessionOptions SecureSubmission { get; } = Submission with { Tls = Tls };

    /// <summary>Sends octets in pieces and performs the effects of the session.</summary>
    public void Send(ReadOnlySpan<byte> octets, int piece = int.MaxValue)
    {
        for (var at = 0; at < octets.Length;)
        {
            var length = Math.Min(piece, octets.Length - at);
            if (!Feed(octets.Slice(at, length))) return;
            at += length;
        }
    }

    public void Send(string text, int piece = int.MaxValue) => Send(Encoding.UTF8.GetBytes(text), piece);

    /// <summary>The output of the session since the last call.</summary>
    public string Heard()
    {
        var text = Encoding.UTF8.GetString(_output.WrittenSpan[_read..]);
        _read = _output.WrittenCount;
        return text;
    }

    /// <summary>Sends <paramref name="text"/> and returns the reply.</summary>
    public string Say(string text)
    {
        Heard();
        Send(text);
        return Heard();
    }

    public void Dispose() => Session.Dispose();

    private bool Feed(ReadOnlySpan<byte> octets)
    {
        var input = new ReadOnlySequence<byte>([.. _left, .. octets]);
        while (Session.Advance(ref input) is { } effect)
        {
            Perform(effect);
            if (effect is SmtpEffect.Close) return false;
            if (effect is not SmtpEffect.StartTls) continue;
            _left = [];
            return false;
        }

        _left = input.ToArray();
        return true;
    }

    private void Perform(SmtpEffect effect)
    {
        switch (effect)
        {
            case SmtpEffect.Authenticate authenticate:
                Session.Answer(Judge(authenticate.Request));
                break;
            case SmtpEffect.StartTls:
                Session.TlsStarted(Tls);
                break;
            case SmtpEffect.CheckSender check:
                Session.Answer(CheckSender(check.Sender));
                break;
            case SmtpEffect.CheckRecipient check:
                Session.Answer(CheckRecipient(check.Recipient));
                break;
            case SmtpEffect.BeginMessage:
                Session.AnswerMessage(_message = new ArrayBufferWriter<byte>());
                break;
            case SmtpEffect.DiscardMessage:
                Assert.NotNull(_message);
                _message = null;
                Discarded++;
                break;
            case SmtpEffect.AcceptMessage accept:
                Accepted.Add((accept.Transaction, _message!.WrittenSpan.ToArray()));
                _message = null;
                Session.Answer(Verdict);
                break;
        }
    }

    private static AuthenticationReply Judge(AuthenticationRequest request) => request switch
    {
        AuthenticationRequest.CheckPassword { Login: "user@example.org", Password: "secret" } => new AuthenticationReply.Accepted(SaslExchange.User),
        AuthenticationRequest.CheckPassword { Login: "later@example.org" } => new AuthenticationReply.Unavailable(),
        AuthenticationRequest.FindScramKeys => new AuthenticationReply.ScramKeysFound(ScramSha256Tests.Keys("pencil"), SaslExchange.User),
        AuthenticationRequest.ReportScramResult { Succeeded: true } => new AuthenticationReply.Accepted(SaslExchange.User),
        _ => new AuthenticationReply.Rejected(),
    };

    private SmtpReply CheckSender(EmailAddress? sender) =>
        Session.Account is null || sender?.Key == "user@example.org"
            ? SmtpReplies.SenderOk
            : new SmtpReply(553, "5.7.1", "Not your address");

    private static SmtpReply CheckRecipient(EmailAddress recipient) => recipient switch
    {
        { Domain: "mx.example.org", Local: "postmaster" } or { Key: "user@example.org" } => SmtpReplies.RecipientOk,
        { Domain: "example.org" or "xn--bcher-kva.example" } when recipient.Local != "unknown" => SmtpReplies.RecipientOk,
        { Domain: "example.org" } => new SmtpReply(550, "5.1.1", "No such user"),
        _ => new SmtpReply(550, "5.7.1", "Relaying denied"),
    };
}
