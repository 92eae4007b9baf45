using System.Buffers;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Domain.Sessions;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Views;
using MailServer.Protocol.Imap.Writing;
using MailServer.Protocol.Observation;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>
/// One IMAP4rev1 connection (RFC 3501) without socket, clock, task or file: octets in, octets and effects out. A driver calls <see cref="Advance"/>,
/// performs the effect that it returns, answers it, and calls again; null means that more input is needed. Commands run one after the other, in order
/// of arrival. Not thread-safe.
/// </summary>
public sealed partial class ImapSession : IDisposable
{
    private readonly ImapSessionOptions _options;
    private readonly ImapDecoder _decoder;
    private IEnumerator<ImapEffect>? _running;
    private ReadOnlySequence<byte> _input;
    private string _tag = "";
    private int _failures;
    private bool _advancing;
    private bool _closeHandedOut;
    private bool _folderRemoved;
    private bool _isCommand;
    private bool _isOwnChange;
    private bool _replyUnread;

    public ImapSession(ImapSessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _decoder = new ImapDecoder(options.Limits, options.Observer);
        Tls = options.Tls;
    }

    /// <summary>The output for responses. Set it before <see cref="Greet"/> and replace it after a TLS handshake.</summary>
    public IBufferWriter<byte> Output { get; set; } = new ArrayBufferWriter<byte>();

    /// <summary>True after BYE or LOGOUT: the session reads no more input, and <see cref="Advance"/> returns a final <see cref="ImapEffect.Close"/>.</summary>
    public bool IsEnded { get; private set; }

    public bool IsIdling { get; internal set; }

    public Account? Account { get; private set; }

    public FolderName? SelectedFolder => View?.Name;

    /// <summary>The session's state for session lists.</summary>
    public string StateName => IsEnded ? "logout" : IsIdling ? "idle" : State switch
    {
        ImapState.NotAuthenticated => "not authenticated",
        ImapState.Authenticated => "authenticated",
        _ => "selected",
    };

    /// <summary>The name of the last command that was recognized.</summary>
    public string? LastCommand { get; private set; }

    internal ImapSessionOptions Options => _options;

    /// <summary>The name and version of the client's program, if it has told them (RFC 2971).</summary>
    internal string? Client { get; set; }

    /// <summary>Whether a capability is not offered to this client.</summary>
    internal bool IsDisabled(string capability) => _options.Disabled.Contains(capability, Account, Client);

    /// <summary>The tag of the running command.</summary>
    internal string RunningTag => _tag;

    internal Limits Limits => _options.Limits;

    internal ISessionObserver Observer => _options.Observer;

    internal TlsInfo? Tls { get; private set; }

    /// <summary>COMPRESS has been used.</summary>
    internal bool IsCompressed { get; set; }

    internal SelectedFolder? View { get; set; }

    /// <summary>The selected folder, for commands that are only valid in the selected state.</summary>
    internal SelectedFolder Folder => View ?? throw new InvalidOperationException("no folder is selected");

    /// <summary>The answer to the last <see cref="ImapEffect.RequestMailbox"/>.</summary>
    internal MailboxReply? Reply { get; private set; }

    internal AuthenticationReply? Authentication { get; private set; }

    internal SpooledMessage? Message { get; private set; }

    internal IBufferWriter<byte>? MessageOctets { get; set; }

    internal ImapState State => Account is null ? ImapState.NotAuthenticated : View is null ? ImapState.Authenticated : ImapState.Selected;

    public void Greet()
    {
        var writer = new ImapWriter(Output);
        writer.Write("* OK ["u8);
        Capabilities.Write(ref writer, this);
        writer.Write("] "u8);
        writer.Write(_options.Hostname);
        writer.Write(" IMAP ready\r\n"u8);
        writer.Commit();
    }

    /// <summary>Runs until the session needs an effect, or more input (null). The caller must pass the unconsumed rest of <paramref name="input"/> again.</summary>
    public ImapEffect? Advance(ref ReadOnlySequence<byte> input)
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

    public void Answer(MailboxReply reply)
    {
        Reply = reply;
        _replyUnread = true;
        if (IsEnded) DisposeReply();
    }

    public void Answer(AuthenticationReply reply) => Authentication = reply;

    /// <summary>Answers <see cref="ImapEffect.CommitMessage"/>; null when the message could not be made durable.</summary>
    public void Answer(SpooledMessage? message) => Message = message;

    public void AnswerMessage(IBufferWriter<byte> writer) => MessageOctets = writer;

    public void TlsStarted(TlsInfo tls) => Tls = tls;

    /// <summary>Applies a change of the selected folder. An idling client is notified immediately.</summary>
    public void ApplyChange(MailboxChanged change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (View is not { } view || view.Id != change.Folder || IsEnded) return;
        if (change.FolderRemoved)
        {
            _folderRemoved = true;
            EndIfRemoved();
            return;
        }

        view.Apply(change);
        ShowView();
    }

    /// <summary>Replaces the folder's state after its mailbox moved to another node. The flags of all messages are fetched again at the next sync point.</summary>
    public void ApplyReselection(FolderSnapshot folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (View is not { } view || IsEnded) return;
        if (view.Id != folder.Id || view.UidValidity != folder.UidValidity) _folderRemoved = true;
        else view.Apply(folder);
        if (_folderRemoved) EndIfRemoved();
        else ShowView();
    }

    /// <summary>Writes BYE and ends the session. The reason must be ASCII.</summary>
    public void Bye(string reason)
    {
        if (IsEnded) return;
        var writer = new ImapWriter(Output);
        writer.Write("* BYE "u8);
        writer.Write(reason);
        writer.EndLine();
        writer.Commit();
        End();
    }

    public void Dispose()
    {
        IsEnded = true;
        _running?.Dispose();
        _running = null;
        DisposeReply();
    }

    internal static ImapEffect Request(MailboxRequest request) => new ImapEffect.RequestMailbox(request);

    internal void SignIn(Account account)
    {
        Account = account;
        _failures = 0;
        Ok("Signed in", Capabilities.Text(this));
    }

    /// <summary>Forgets the account and everything that its client has switched on.</summary>
    internal void SignOut()
    {
        Account = null;
        Enabled = new EnabledExtensions();
        (_selectedOwner, _hasSelected) = (null, false);
        EndNotify();
    }

    internal void FailSignIn(bool temporarily)
    {
        Refuse(temporarily ? ImapError.Unavailable : ImapError.AuthenticationFailed);
        if (!temporarily) _failures++;
    }

    /// <summary>Refuses a command whose literal has not been read. A non-synchronizing literal is skipped before the response.</summary>
    /// <param name="tag">The tag of the command.</param>
    /// <param name="refusal">The reason.</param>
    /// <param name="literal">The literal that has not been read.</param>
    /// <param name="detail">What the response code names, if anything.</param>
    internal void RefuseWithLiteral(string tag, ImapError refusal, LiteralHeader? literal, string? detail = null) => Begin(_decoder.Refuse(tag, refusal, literal, detail));

    /// <summary>Ends the session without further output. The driver gets <see cref="ImapEffect.Close"/>.</summary>
    internal void End()
    {
        IsEnded = true;
        IsIdling = false;
        if (!_advancing) Dispose();
    }

    /// <summary>Discards input that the client sent ahead. Before a TLS handshake an attacker could have injected it.</summary>
    internal void DropInput() => _input = _input.Slice(_input.End);

    /// <summary>Takes one line from the input, without its line end. For commands with continuations.</summary>
    internal bool TryTakeLine(out byte[] line)
    {
        line = [];
        if (_input.PositionOf((byte)'\n') is not { } lineFeed)
        {
            if (_input.Length > MaxLine) Bye("Line too long");
            return false;
        }

        var taken = _input.Slice(0, lineFeed);
        if (taken.Length > MaxLine)
        {
            Bye("Line too long");
            return false;
        }

        line = taken.ToArray();
        if (line is [.., (byte)'\r']) line = line[..^1];
        if (Observer.IsWatched && line.Length > 0) Observer.LineReceived(Ascii.EqualsIgnoreCase(line, "DONE"u8) ? "DONE" : RedactedText.Placeholder("not shown", line.Length));
        _input = _input.Slice(_input.GetPosition(1, lineFeed));
        return true;
    }

    /// <summary>Takes up to <paramref name="most"/> octets of input.</summary>
    internal ReadOnlySequence<byte> Take(long most)
    {
        var taken = _input.Slice(0, Math.Min(most, _input.Length));
        _input = _input.Slice(taken.End);
        return taken;
    }

    private int MaxLine => Account is null ? Limits.ImapSignInLine : Limits.ImapCommandLine;

    internal static ImapEffect Flush { get; } = new ImapEffect.Flush();

    /// <summary>Lets other sessions run before the command goes on.</summary>
    internal static ImapEffect Yield { get; } = new ImapEffect.Yield();

    /// <summary>Makes Advance return null: the command needs more input.</summary>
    internal static ImapEffect NeedInput { get; } = new ImapEffect.NeedInput();

    private const string FolderRemovedText = "The selected folder has been removed";

    private void EndIfRemoved()
    {
        if (_running is null || (IsIdling && !_reporting)) Bye(FolderRemovedText);
    }

    // With NOTIFY or contexts the changes are told by a report, which may need the mailbox. What happens during a report is told by the next one.
    private void ShowView()
    {
        if (IsIdling && !_reporting && _notify is null && LiveContexts.Count == 0) SyncView(mayExpunge: true);
        else _viewChanged = true;
    }

    private ImapEffect? RunUntilEffect()
    {
        while (!IsEnded)
        {
            if (_running is null && HasWork)
            {
                BeginReport();
            }
            else if (_running is null)
            {
                (_decoder.IsSignedIn, _decoder.HasUtf8Names) = (Account is not null, Enabled.Utf8Names);
                if (_input.IsEmpty || !Begin(_decoder.Read(ref _input))) break;
            }
            else if (!Continue(_running))
            {
                FinishCommand();
            }
            else if (!IsEnded)
            {
                return _running.Current is ImapEffect.NeedInput ? null : _running.Current;
            }
        }

        if (!IsEnded) return null;
        DropInput();
        Dispose();
        if (_closeHandedOut) return null;
        _closeHandedOut = true;
        return new ImapEffect.Close();
    }

    // From here on the command owns the reply and disposes it.
    private bool Continue(IEnumerator<ImapEffect> running)
    {
        _replyUnread = false;
        return running.MoveNext();
    }

    private void DisposeReply()
    {
        if (!_replyUnread || Reply is not MailboxReply.Fetched { Rows: var rows }) return;
        _replyUnread = false;
        foreach (var row in rows) row.Content?.Dispose();
    }

    // Returns false when more input is needed.
    private bool Begin(in DecodeResult decoded)
    {
        switch (decoded.Status)
        {
            case DecodeStatus.NeedMore:
                return false;
            case DecodeStatus.Continue:
                Output.Write("+ Go ahead\r\n"u8);
                return true;
            case DecodeStatus.Parsed when !Capabilities.Offers(this, decoded.Command!.Name):
                return Begin(_decoder.Refuse(decoded.Tag!, ImapError.UnknownCommand, decoded.Command.Literal)) || !_input.IsEmpty;
            case DecodeStatus.Parsed when (ImapCommandTable.StatesOf(decoded.Command!.Name) & State) == 0:
                return Begin(_decoder.Refuse(decoded.Tag!, ImapError.WrongState, decoded.Command.Literal)) || !_input.IsEmpty;
            case DecodeStatus.Parsed:
                LastCommand = decoded.Command.Name;
                _tag = decoded.Command.Tag;
                Observer.CommandBegan(LastCommand);
                (_running, _isCommand) = (Routed(Perform(decoded.Command)).GetEnumerator(), true);
                return true;
            case DecodeStatus.CloseConnection:
                var (_, code, text) = ImapErrors.TextOf(decoded.Refusal);
                Bye($"[{code}] {text}");
                return true;
            default:
                Refuse(decoded.Refusal, decoded.Detail);
                WriteResult(decoded.Tag);
                return true;
        }
    }

    private IEnumerable<ImapEffect> Perform(ImapCommand command)
    {
        _isOwnChange = command.ChangesFolder;
        foreach (var effect in command.Run(this)) yield return effect;
        if (IsEnded || _result is null) yield break;
        foreach (var effect in Report(command.AllowsExpunge)) yield return effect;
        WriteResult(command.Tag);
    }

    private void FinishCommand()
    {
        if (_isCommand && LastCommand is not null) Observer.CommandEnded(LastCommand);
        _running?.Dispose();
        (_running, _isCommand, _isOwnChange) = (null, false, false);
        Reply = null;
        Authentication = null;
        Message = null;
        if (_failures >= Limits.MaxAuthenticationFailures) Bye("Too many failures to sign in");
        if (_folderRemoved && View is not null) Bye(FolderRemovedText);
        _folderRemoved = false;
    }
}
