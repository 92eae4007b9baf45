using System.Buffers;
using System.Text;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Domain.Sessions;

namespace MailServer.Protocol.Smtp.Client;

/// <summary>
/// The client side of a connection to another host: signs on, sends messages one after another, and reports the outcome for each recipient. Not
/// thread-safe; driven like <c>SmtpSession</c>.
/// </summary>
public sealed class SmtpClientSession : IDisposable
{
    private static readonly SmtpReply Unintelligible = new(451, "4.5.0", "The host sent an invalid reply");
    private static readonly SmtpReply Unsolicited = new(451, "4.5.0", "The host sent a reply without a command");

    private readonly SmtpClientOptions _options;
    private readonly SmtpReplyReader _replies = new();
    private readonly IEnumerator<SmtpClientEffect?> _conversation;
    private ReadOnlySequence<byte> _input;
    private ClientTransaction? _transaction;
    private (MessageContent? Content, SmtpReply? Refusal) _converted;
    private bool _quitting;

    public SmtpClientSession(SmtpClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        Tls = options.Tls;
        _conversation = Converse().GetEnumerator();
    }

    /// <summary>The output for commands. The driver replaces it when TLS starts.</summary>
    public IBufferWriter<byte> Output { get; set; } = new ArrayBufferWriter<byte>();

    public TlsInfo? Tls { get; private set; }

    /// <summary>True after <see cref="SmtpClientEffect.Failed"/> or <see cref="SmtpClientEffect.Close"/>.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>True when the host has replied to the current message. Before that, the host cannot have accepted it.</summary>
    public bool IsAnswered => _transaction is { IsAnswered: true };

    /// <summary>The host has the whole current message and has not replied to it yet.</summary>
    public bool IsTransferred => _transaction is { IsTransferred: true };

    /// <summary>The number of replies read so far.</summary>
    public int Replies { get; private set; }

    /// <summary>STARTTLS was not offered or was refused. If TLS is required, this is the reason for <see cref="SmtpClientEffect.Failed"/>.</summary>
    public bool LacksTls { get; private set; }

    /// <summary>The host offers REQUIRETLS (RFC 8689).</summary>
    public bool OffersRequireTls => Extensions.RequireTls;

    internal bool AllowsChunking => _options.Chunking;

    internal ServerExtensions Extensions { get; private set; } = ServerExtensions.None;

    /// <summary>Consumes what it can of <paramref name="input"/>. Null means flush and read more; otherwise perform the effect and call again.</summary>
    public SmtpClientEffect? Advance(ref ReadOnlySequence<byte> input)
    {
        if (IsEnded) return null;
        _input = input;
        var effect = _conversation.MoveNext() ? _conversation.Current : new SmtpClientEffect.Close();
        input = _input;
        _input = default;
        if (effect is SmtpClientEffect.Failed failed) effect = new SmtpClientEffect.Failed(failed.Reply.AsFailure());
        if (effect is SmtpClientEffect.Failed or SmtpClientEffect.Close) IsEnded = true;
        return effect;
    }

    /// <summary>Answers <see cref="SmtpClientEffect.Ready"/>; then call <see cref="Advance"/>.</summary>
    public void Send(OutgoingMessage message) => _transaction = new ClientTransaction(this, message);

    /// <summary>Answers <see cref="SmtpClientEffect.Ready"/>; then call <see cref="Advance"/>.</summary>
    public void Quit() => _quitting = true;

    /// <summary>Answers <see cref="SmtpClientEffect.StartTls"/>.</summary>
    public void TlsStarted(TlsInfo tls) => Tls = tls;

    /// <summary>Answers <see cref="SmtpClientEffect.Convert"/> with the converted message, or null when it cannot be converted. The caller disposes it.</summary>
    /// <param name="content">The converted message.</param>
    /// <param name="refusal">Without a message: the outcome for its recipients, if the conversion may succeed later.</param>
    public void Converted(MessageContent? content, SmtpReply? refusal = null) => _converted = (content, refusal);

    /// <summary>
    /// Call when the connection broke or timed out. Returns the outcome of the current message; null when there is none. Recipients without a final
    /// reply get a temporary failure, because the host may or may not have accepted the message.
    /// </summary>
    public SmtpOutcome? ConnectionLost(string reason) =>
        _transaction?.OutcomeWith(new SmtpReply(451, "4.4.2", IsTransferred ? $"{reason}; it may have accepted the message" : reason));

    public void Dispose() => _conversation.Dispose();

    /// <summary>Returns false when more input is needed. A malformed reply becomes a temporary failure.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="skipText">Skip lines without a code: a positive reply after them is valid.</param>
    internal bool TryRead(out SmtpReply reply, bool skipText = false)
    {
        var read = _replies.Read(ref _input, skipText, out reply);
        if (read == ReplyReadStatus.Incomplete) return false;
        if (read == ReplyReadStatus.Malformed) reply = Unintelligible with { Code = 421 };
        Replies++;
        return true;
    }

    internal (MessageContent? Content, SmtpReply? Refusal) TakeConverted()
    {
        var converted = _converted;
        _converted = default;
        return converted;
    }

    internal void Write(string command) => Encoding.UTF8.GetBytes(command + "\r\n", Output);

    private IEnumerable<SmtpClientEffect?> Converse()
    {
        SmtpReply reply;
        while (!TryRead(out reply)) yield return null;
        var failure = reply.Code == 220 ? null : reply;
        foreach (var effect in SignOn(failure)) yield return effect;

        while (true)
        {
            if (_transaction is null && !_quitting) yield return new SmtpClientEffect.Ready();
            if (_transaction is { } transaction)
            {
                // It would be taken for the reply to MAIL, and each later reply for that of the next command.
                if (!_input.IsEmpty || !_replies.IsIdle) yield return new SmtpClientEffect.Failed(Unsolicited);
                foreach (var effect in transaction.Run()) yield return effect;
                _transaction = null;
                yield return new SmtpClientEffect.Finished(transaction.OutcomeWith(Unintelligible));
                if (transaction.Closing is { } closing) yield return new SmtpClientEffect.Failed(closing);
            }

            if (_quitting) break;
        }

        Write("QUIT");
        while (!TryRead(out _)) yield return null;
    }

    private IEnumerable<SmtpClientEffect?> SignOn(SmtpReply? failure)
    {
        if (failure is not null)
        {
            yield return new SmtpClientEffect.Failed(failure);
            yield break;
        }

        foreach (var effect in Greet()) yield return effect;
        if (Tls is null && _options.TlsPolicy != SmtpTlsPolicy.Never)
        {
            foreach (var effect in SecureConnection()) yield return effect;
            if (Tls is not null) foreach (var effect in Greet()) yield return effect;
        }

        if (_options.Credentials is not { } credentials) yield break;
        foreach (var effect in new ClientAuthentication(this, credentials, _options).Run()) yield return effect;
    }

    // RFC 5321 §3.2: fall back to HELO for hosts without EHLO.
    private IEnumerable<SmtpClientEffect?> Greet()
    {
        SmtpReply reply;
        Write($"EHLO {_options.HeloName}");
        while (!TryRead(out reply)) yield return null;
        Extensions = reply.IsPositive ? ServerExtensions.Parse(reply.Text) : ServerExtensions.None;
        if (reply.Code >= 500)
        {
            Write($"HELO {_options.HeloName}");
            while (!TryRead(out reply)) yield return null;
        }

        if (!reply.IsPositive) yield return new SmtpClientEffect.Failed(reply);
    }

    private IEnumerable<SmtpClientEffect?> SecureConnection()
    {
        var reply = new SmtpReply(451, "4.7.5", "TLS is required and not offered");
        if (Extensions.StartTls)
        {
            Write("STARTTLS");
            while (!TryRead(out reply)) yield return null;
            if (reply.Code == 220)
            {
                // Plaintext input after the 220 reply may have been injected (RFC 3207 §6).
                _input = _input.Slice(_input.End);
                yield return new SmtpClientEffect.StartTls();
                yield break;
            }
        }

        LacksTls = true;
        if (_options.TlsPolicy == SmtpTlsPolicy.Required) yield return new SmtpClientEffect.Failed(reply);
    }
}
