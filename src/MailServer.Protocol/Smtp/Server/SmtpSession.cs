using System.Buffers;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Delivery;
using MailServer.Domain.Sessions;
using MailServer.Protocol.Observation;
using MailServer.Protocol.Smtp.Content;

namespace MailServer.Protocol.Smtp.Server;

/// <summary>
/// The server side of one SMTP connection (RFC 5321), for receiving or submission. Not thread-safe. The driver passes input to <see cref="Advance"/>,
/// performs the effects that it returns, and flushes <see cref="Output"/>; see the README of this folder.
/// </summary>
public sealed class SmtpSession : IDisposable
{
    private readonly SmtpLineReader _lines;
    private IEnumerator<SmtpEffect?>? _running;
    private ReadOnlySequence<byte> _input;
    private SmtpReply? _reply;
    private AuthenticationReply? _authentication;
    private int _errors;
    private string? _runningCommand;

    public SmtpSession(SmtpSessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        Tls = options.Tls;
        _lines = new SmtpLineReader(options.Limits.SmtpCommandLine, options.Limits.SmtpMaxReadLine);
    }

    /// <summary>The output for replies. The driver replaces it when TLS starts.</summary>
    public IBufferWriter<byte> Output { get; set; } = new ArrayBufferWriter<byte>();

    /// <summary>True after <see cref="SmtpEffect.Close"/> was returned or <see cref="Bye"/> was called. An unfinished message is then void.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>The client's name: the argument of HELO or EHLO.</summary>
    public string ClientName => HeloName;

    /// <summary>The authenticated account; null before authentication.</summary>
    public Account? Account { get; internal set; }

    public TlsInfo? Tls { get; private set; }

    /// <summary>The state for session lists: connected, greeted, mail, recipients, data, chunks, or closing.</summary>
    public string StateName => IsEnded ? "closing" : State.ToString().ToLowerInvariant();

    /// <summary>The verb of the last recognized command, without its arguments.</summary>
    public string? LastCommand { get; private set; }

    internal SmtpSessionOptions Options { get; }

    internal ISessionObserver Observer => Options.Observer;

    internal Limits Limits => Options.Limits;

    internal SmtpState State { get; set; } = SmtpState.Connected;

    internal string HeloName { get; set; } = string.Empty;

    /// <summary>True after EHLO, false after HELO.</summary>
    internal bool IsExtended { get; set; }

    internal OpenTransaction Transaction { get; private set; } = new();

    /// <summary>The number of MAIL commands on this connection (RFC 9422 §4.2).</summary>
    internal int Transactions { get; set; }

    internal int AuthenticationFailures { get; set; }

    /// <summary>True when submission requires TLS and the connection has none.</summary>
    internal bool MustStartTls => Options.RequireTls && Tls is null;

    internal bool OffersTls => Options.TlsAvailable && Tls is null;

    internal bool OffersAuthentication => Options.Policy == SessionPolicy.Submission && !MustStartTls;

    /// <summary>A malformed message is read to its end so that the client gets the reason. Beyond this size the connection is closed instead.</summary>
    internal long MaxContent => 2 * Limits.MaxMessageSize;

    internal DateTimeOffset Now => Options.Now();

    /// <summary>
    /// The envelope options offered in the current state. Only submission offers them, except REQUIRETLS, which is available to any client under TLS
    /// (RFC 8689 §2).
    /// </summary>
    internal OfferedEnvelopeOptions OfferedEnvelopeOptions
    {
        get
        {
            var submits = Options.Policy == SessionPolicy.Submission;
            return new OfferedEnvelopeOptions(Tls is not null, submits, submits, submits ? Limits.FutureRelease : TimeSpan.Zero);
        }
    }

    public void Greet() => Reply(SmtpReplies.Greeting(Options.Hostname));

    /// <summary>
    /// Consumes what it can of <paramref name="input"/> and leaves the rest there. Null means that more input is needed; otherwise perform the
    /// effect, answer it, and call again.
    /// </summary>
    public SmtpEffect? Advance(ref ReadOnlySequence<byte> input)
    {
        _input = input;
        var effect = Run();
        input = _input;
        _input = default;
        if (effect is SmtpEffect.Close) IsEnded = true;
        return effect;
    }

    /// <summary>Answers <see cref="SmtpEffect.CheckSender"/>, <see cref="SmtpEffect.CheckRecipient"/> and <see cref="SmtpEffect.AcceptMessage"/>.</summary>
    public void Answer(SmtpReply reply) => _reply = reply;

    /// <summary>Answers <see cref="SmtpEffect.Authenticate"/>.</summary>
    public void Answer(AuthenticationReply reply) => _authentication = reply;

    /// <summary>Answers <see cref="SmtpEffect.BeginMessage"/>.</summary>
    public void AnswerMessage(IBufferWriter<byte> writer) => Transaction.Content = writer;

    /// <summary>Answers <see cref="SmtpEffect.StartTls"/>. The session discards all knowledge obtained from the client (RFC 3207 §4.2).</summary>
    public void TlsStarted(TlsInfo tls)
    {
        Tls = tls;
        HeloName = string.Empty;
        State = SmtpState.Connected;
    }

    /// <summary>Sends 421 with <paramref name="reason"/> and ends the session; the driver closes the connection.</summary>
    public void Bye(string reason)
    {
        if (IsEnded) return;
        SmtpReplyWriter.Write(Output, SmtpReplies.ShuttingDown(Options.Hostname, reason));
        IsEnded = true;
    }

    public void Dispose() => _running?.Dispose();

    /// <summary>Writes a reply generated by the session. Permanent failures count as errors.</summary>
    internal void Reply(SmtpReply reply)
    {
        if (reply.Code >= 500) _errors++;
        SmtpReplyWriter.Write(Output, reply);
    }

    /// <summary>Ends the transaction, whatever its result.</summary>
    internal void EndTransaction()
    {
        Transaction = new OpenTransaction();
        if (State != SmtpState.Connected) State = SmtpState.Greeted;
    }

    /// <summary>Resets the error count after a delivered message.</summary>
    internal void ResetErrors() => _errors = 0;

    internal SmtpReply TakeReply() => Take(ref _reply);

    internal AuthenticationReply TakeAuthentication() => Take(ref _authentication);

    internal LineReadStatus ReadLine(out ReadOnlyMemory<byte> line) => _lines.Read(ref _input, out line);

    internal bool Decode(DotDecoder decoder)
    {
        var before = _input.Length;
        var ended = decoder.Decode(ref _input, Transaction.Content!);
        Transaction.ContentOctets += before - _input.Length;
        return ended;
    }

    internal bool Decode(ChunkDecoder decoder) => decoder.Decode(ref _input, Transaction.Content);

    private static T Take<T>(ref T? answer) where T : class
    {
        var taken = answer ?? throw new InvalidOperationException($"the last effect was not answered with a {typeof(T).Name}");
        answer = null;
        return taken;
    }

    private SmtpEffect? Run()
    {
        while (!IsEnded)
        {
            _running ??= NextCommand();
            if (_running is null) return null;
            if (_running.MoveNext()) return _running.Current;
            _running.Dispose();
            _running = null;
            if (_runningCommand is not null) Observer.CommandEnded(_runningCommand);
            _runningCommand = null;
            if (_errors < Limits.MaxErrors) continue;
            Reply(SmtpReplies.TooManyErrors(Options.Hostname));
            return new SmtpEffect.Close();
        }

        return null;
    }

    private IEnumerator<SmtpEffect?>? NextCommand() => ReadLine(out var line) switch
    {
        LineReadStatus.Incomplete => null,
        LineReadStatus.TooLong => Refuse(SmtpReplies.LineTooLong),
        LineReadStatus.BareLineFeed => Refuse(SmtpReplies.BareLineFeed),
        LineReadStatus.Unterminated => HangUp(SmtpReplies.UnterminatedLine(Options.Hostname)),
        _ => DispatchCommand(line),
    };

    private IEnumerator<SmtpEffect?> DispatchCommand(ReadOnlyMemory<byte> line)
    {
        var trimmed = line.TrimEnd((byte)' ');
        if (SmtpCommand.Find(trimmed.Span, out var argumentsAt) is not { } command)
        {
            // It may be a response to a refused challenge, that is, a password.
            if (Observer.IsWatched) Observer.LineReceived(RedactedText.Placeholder("not understood", trimmed.Length));
            return Refuse(SmtpReplies.Unrecognized);
        }

        LastCommand = _runningCommand = command.Verb;
        Observer.CommandBegan(LastCommand);
        if (Observer.IsWatched) Observer.LineReceived(command.Verb == "AUTH" ? "AUTH " + RedactedText.Mechanism(FirstWord(trimmed.Span[argumentsAt..])) : RedactedText.Line(trimmed.Span));
        if (!command.MayBeUtf8 && !Ascii.IsValid(trimmed.Span)) return Refuse(SmtpReplies.NotAscii);
        if (command.RefusalIn(this) is { } refusal) return Refuse(refusal);
        return command.Run(this, trimmed[argumentsAt..]).GetEnumerator();
    }

    private static ReadOnlySpan<byte> FirstWord(ReadOnlySpan<byte> arguments)
    {
        arguments = arguments.TrimStart((byte)' ');
        var space = arguments.IndexOf((byte)' ');
        return space < 0 ? arguments : arguments[..space];
    }

    private IEnumerator<SmtpEffect?> HangUp(SmtpReply reply)
    {
        Reply(reply);
        yield return new SmtpEffect.Close();
    }

    private IEnumerator<SmtpEffect?> Refuse(SmtpReply reply)
    {
        Reply(reply);
        yield break;
    }
}
