using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Sessions;
using MailServer.Protocol.ManageSieve.Decoding;
using MailServer.Protocol.ManageSieve.Writing;

namespace MailServer.Protocol.ManageSieve.Commands;

/// <summary>
/// One ManageSieve connection (RFC 5804) without socket, clock, task or file: octets in, octets and effects out. A driver calls <see cref="Advance"/>,
/// performs the effect that it returns, answers it, and calls again; null means that more input is needed. Commands run one after the other. Not thread-safe.
/// </summary>
public sealed class ManageSieveSession : IDisposable
{
    private readonly ManageSieveSessionOptions _options;
    private readonly CommandDecoder _decoder;
    private IEnumerator<ManageSieveEffect>? _running;
    private ReadOnlySequence<byte> _input;
    private int _failures;
    private int _errors;
    private bool _advancing;
    private bool _closeHandedOut;

    public ManageSieveSession(ManageSieveSessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _decoder = new CommandDecoder(options.Limits);
        Tls = options.Tls;
    }

    /// <summary>The output for responses. Set it before <see cref="Greet"/> and replace it after a TLS handshake.</summary>
    public IBufferWriter<byte> Output { get; set; } = new ArrayBufferWriter<byte>();

    /// <summary>True after BYE or LOGOUT: the session reads no more input, and <see cref="Advance"/> returns a final <see cref="ManageSieveEffect.Close"/>.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>The account that signed in; null before, and after UNAUTHENTICATE.</summary>
    public Account? Account { get; private set; }

    /// <summary>The session's state for session lists.</summary>
    public string StateName => IsEnded ? "logout" : Account is null ? "not authenticated" : "authenticated";

    /// <summary>The name of the last command that was recognized.</summary>
    public string? LastCommand { get; private set; }

    internal ManageSieveSessionOptions Options => _options;

    internal Limits Limits => _options.Limits;

    internal TlsInfo? Tls { get; private set; }

    /// <summary>Passwords are accepted under TLS, or in clear text when the configuration allows it.</summary>
    internal bool MayAuthenticate => Tls is not null || !_options.RequireTls;

    internal MailboxReply? Reply { get; private set; }

    internal AuthenticationReply? Authentication { get; private set; }

    internal static ManageSieveEffect NeedInput { get; } = new ManageSieveEffect.NeedInput();

    /// <summary>Writes the capabilities, which are the greeting (RFC 5804 §1.7).</summary>
    public void Greet()
    {
        CapabilityList.Write(this);
        Say(ManageSieveResult.Ok($"{_options.Hostname} ManageSieve ready"));
    }

    /// <summary>Runs until the session needs an effect, or more input (null). The caller must pass the unconsumed rest of <paramref name="input"/> again.</summary>
    public ManageSieveEffect? Advance(ref ReadOnlySequence<byte> input)
    {
        _input = input;
        _advancing = true;
        try
        {
            return RunUntilEffect();
        }
        finally
        {
            _advancing = false;
            input = _input;
            _input = default;
        }
    }

    public void Answer(MailboxReply reply) => Reply = reply;

    public void Answer(AuthenticationReply reply) => Authentication = reply;

    /// <summary>The handshake is done. The capabilities follow unasked, since they may differ from those before (RFC 5804 §2.2).</summary>
    public void TlsStarted(TlsInfo tls)
    {
        Tls = tls;
        Greet();
    }

    /// <summary>Writes BYE and ends the session.</summary>
    public void Bye(string reason, string? code = null)
    {
        if (IsEnded) return;
        Say(new ManageSieveResult("BYE", code, reason));
        End();
    }

    public void Dispose()
    {
        IsEnded = true;
        _running?.Dispose();
        _running = null;
    }

    internal void Say(ManageSieveResult result) => Output.WriteResult(result);

    /// <summary>Refuses a command. Refusals of what the client wrote are counted, since a session is no place to try things out.</summary>
    internal void Refuse(ManageSieveResult result, bool isClientError = false)
    {
        Say(result);
        if (isClientError && ++_errors >= Limits.MaxErrors) Bye("Too many errors");
    }

    internal void SignIn(Account account, byte[]? final)
    {
        (Account, _failures) = (account, 0);
        // sieve-connect checks the server's proof only if no text follows it.
        Say(final is null ? ManageSieveResult.Ok("Signed in") : new ManageSieveResult("OK", "SASL", null, final));
    }

    internal void FailSignIn(ManageSieveResult result, bool counts)
    {
        Say(result);
        if (counts && ++_failures >= Limits.MaxAuthenticationFailures) Bye("Too many failures to sign in");
    }

    internal void SignOut() => Account = null;

    /// <summary>Ends the session without further output. The driver gets <see cref="ManageSieveEffect.Close"/>.</summary>
    internal void End()
    {
        IsEnded = true;
        if (!_advancing) Dispose();
    }

    /// <summary>Discards input that the client sent ahead. Before a TLS handshake an attacker could have injected it.</summary>
    internal void DropInput()
    {
        _input = _input.Slice(_input.End);
        _decoder.Reset();
    }

    /// <summary>Takes the client's response to a challenge: one string on a line of its own. False: more input is needed.</summary>
    internal bool TryTakeResponse([NotNullWhen(true)] out DecodedCommand? line)
    {
        line = ReadLine();
        if (line is null) return false;
        if (_options.Observer.IsWatched) _options.Observer.LineReceived(CommandRedactor.Response(line));
        return true;
    }

    private DecodedCommand? ReadLine()
    {
        _decoder.IsSignedIn = Account is not null;
        return _decoder.Read(ref _input);
    }

    private ManageSieveEffect? RunUntilEffect()
    {
        while (!IsEnded)
        {
            if (_running is null)
            {
                if (_input.IsEmpty || ReadLine() is not { } line) break;
                Begin(line);
            }
            else if (!_running.MoveNext())
            {
                FinishCommand();
            }
            else if (!IsEnded)
            {
                return _running.Current is ManageSieveEffect.NeedInput ? null : _running.Current;
            }
        }

        if (!IsEnded) return null;
        DropInput();
        Dispose();
        if (_closeHandedOut) return null;
        _closeHandedOut = true;
        return new ManageSieveEffect.Close();
    }

    private void Begin(DecodedCommand line)
    {
        var isEmpty = line.Fault == DecodeFault.None && line.Words.Count == 0;
        // A client that counted a literal wrong sends an empty line; an answer to it would be taken for that of the next command.
        if (isEmpty) return;
        var command = CommandTable.Find(line);
        if (_options.Observer.IsWatched) _options.Observer.LineReceived(CommandRedactor.Redact(command?.Name, line));
        if (line.Fault == DecodeFault.Flood) Bye("Too much input");
        else if (line.Fault == DecodeFault.TooLarge) Refuse(TooLarge(command));
        else if (line.Fault == DecodeFault.Syntax) Refuse(ManageSieveResult.No("Syntax error: a command has words, \"strings\" and literals {n+}"), isClientError: true);
        else if (command is null) Refuse(ManageSieveResult.No("Unknown command"), isClientError: true);
        else if (!command.Accepts(line.Words)) Refuse(ManageSieveResult.No($"Usage: {command.Usage}"), isClientError: true);
        else if (command.NeedsAccount && Account is null) Refuse(ManageSieveResult.No("Sign in first"), isClientError: true);
        else Start(command, line);
    }

    private static ManageSieveResult TooLarge(ManageSieveCommand? command) =>
        command is { TakesScript: true } ? ManageSieveResult.From(MailboxRefusal.ScriptTooLarge) : ManageSieveResult.No("The command is too long");

    private void Start(ManageSieveCommand command, DecodedCommand line)
    {
        LastCommand = command.Name;
        _options.Observer.CommandBegan(command.Name);
        _running = command.Run(this, line.Words).GetEnumerator();
    }

    private void FinishCommand()
    {
        if (LastCommand is not null) _options.Observer.CommandEnded(LastCommand);
        _running?.Dispose();
        _running = null;
        Reply = null;
        Authentication = null;
    }
}
