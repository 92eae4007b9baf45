using System.Buffers;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Messages;
using MailServer.Domain.Sessions;
using MailServer.Protocol.Imap;
using MailServer.Protocol.Imap.Commands;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>Drives a session like the server, with a <see cref="ImapTestMailbox"/>, and collects its output.</summary>
internal sealed class ImapDriver : IDisposable
{
    public static Account Alice { get; } = new(new AccountId(1), EmailAddress.Parse("alice@example.org"), true, ImapTestMailbox.Now);

    private static readonly TlsInfo Tls = new BindableTlsInfo("TLSv1.3", "TLS_AES_256_GCM_SHA384", null, new TlsBindings("exporter"u8.ToArray(), "end point"u8.ToArray()));
    private readonly ArrayBufferWriter<byte> _output = new();
    private byte[] _unread = [];
    private ArrayBufferWriter<byte>? _message;
    private int _read;
    private int _spooled;
    private bool _handshakes;

    public ImapDriver(ImapSessionOptions options)
    {
        Mailbox = new ImapTestMailbox(options.Limits);
        Session = new ImapSession(options) { Output = _output };
        Sharing = new TestSharing(options.Limits, Mailbox.Spool) { Changed = Session.ApplyChange };
        Mailbox.Changed = Session.ApplyChange;
        Mailbox.AccountChanged = Session.ApplyChange;
    }

    public ImapSession Session { get; }

    public ImapTestMailbox Mailbox { get; }

    /// <summary>Further accounts.</summary>
    public Dictionary<Account, ImapTestMailbox> Others { get; } = [];

    /// <summary>The mailboxes of other accounts.</summary>
    public TestSharing Sharing { get; }

    public bool IsClosed { get; private set; }

    /// <summary>Runs before each effect.</summary>
    public Action<ImapEffect> BeforeEffect { get; set; } = _ => { };

    public static ImapSessionOptions Options(Limits? limits = null, bool requireTls = true, bool tlsAvailable = true, bool tls = false) => new()
    {
        Hostname = "mail.example.org",
        SessionId = "test",
        Limits = limits ?? Limits.Default,
        RequireTls = requireTls,
        TlsAvailable = tlsAvailable,
        Tls = tls ? Tls : null,
        ServerId = ["mailserver", "1.0"],
    };

    /// <summary>Creates a signed-in session whose greeting was read.</summary>
    public static ImapDriver SignedIn(Limits? limits = null)
    {
        var driver = new ImapDriver(Options(limits, requireTls: false));
        driver.Session.Greet();
        driver.Send("x LOGIN alice@example.org secret\r\n");
        driver.TakeOutput();
        return driver;
    }

    public void Send(string text) => Send(Encoding.UTF8.GetBytes(text));

    public void Send(ReadOnlySpan<byte> octets)
    {
        if (IsClosed || _handshakes) return; // octets sent before the handshake are dropped
        _unread = [.. _unread, .. octets];
        // Always two segments for two or more octets: this detects code that assumes one.
        var input = Halved(_unread);
        while (Session.Advance(ref input) is { } effect)
        {
            BeforeEffect(effect);
            Perform(effect);
            if (_handshakes || IsClosed) break;
        }

        _unread = input.ToArray();
    }

    /// <summary>Lets the session tell what others have changed, if it may.</summary>
    public void Notify()
    {
        Mailbox.NotifyOfAll(isOwn: false);
        if (Session.HasWork) Send([]);
    }

    /// <summary>Reports TLS to the session, as after a handshake.</summary>
    public void Handshake()
    {
        _handshakes = false;
        _unread = [];
        Session.TlsStarted(Tls);
    }

    /// <summary>The output since the last call.</summary>
    public string TakeOutput()
    {
        var text = Encoding.Latin1.GetString(_output.WrittenSpan[_read..]);
        _read = _output.WrittenCount;
        return text;
    }

    public string Say(string text)
    {
        Send(text);
        return TakeOutput();
    }

    public int UnreadLength => _unread.Length;

    public void Dispose() => Session.Dispose();

    private void Perform(ImapEffect effect)
    {
        switch (effect)
        {
            case ImapEffect.RequestMailbox { Request: var request, Owner: { } owner }:
                Session.Answer(Sharing.Answer(owner, request));
                break;
            case ImapEffect.RequestMailbox { Request: var request }:
                Session.Answer(Mailbox.Answer(request));
                break;
            case ImapEffect.FindAccount { Login: var login }:
                Session.AnswerAccount(Others.Keys.FirstOrDefault(a => a.Address.Equals(login))?.Id, isUnavailable: false);
                break;
            case ImapEffect.RequestMailboxOf { Owner: var owner, Request: var request }:
                Session.Answer(Others.First(o => o.Key.Id == owner).Value.Perform(request));
                break;
            case ImapEffect.ListSharers:
                Session.AnswerSharers(Sharing.Owners);
                break;
            case ImapEffect.FindGuest find:
                Session.AnswerGuest(TestSharing.Find(find.Address));
                break;
            case ImapEffect.Authenticate { Request: var request }:
                Session.Answer(TestAuthenticator.Answer(request));
                break;
            case ImapEffect.StartTls:
                _handshakes = true;
                break;
            case ImapEffect.BeginMessage:
                Session.AnswerMessage(_message = new ArrayBufferWriter<byte>());
                break;
            case ImapEffect.CommitMessage:
                Session.Answer(Commit());
                break;
            case ImapEffect.DiscardMessage:
                _message = null;
                break;
            case ImapEffect.SendContent send:
                _output.Write(send.Content.ReadRange(send.Offset, (int)send.Count));
                break;
            case ImapEffect.Close:
                IsClosed = true;
                break;
            case ImapEffect.Flush or ImapEffect.StartCompression or ImapEffect.Yield:
                break;
            default:
                throw new InvalidOperationException($"unexpected {effect}");
        }
    }

    private SpooledMessage Commit()
    {
        var octets = _message!.WrittenSpan.ToArray();
        var id = new SpoolId($"spooled-{_spooled++}");
        Mailbox.Spool[id] = octets;
        return new SpooledMessage(id, octets.Length, new TestMessage(default, octets, ImapTestMailbox.Now).Summary, ImapTestMailbox.Now);
    }

    private static ReadOnlySequence<byte> Halved(byte[] octets)
    {
        if (octets.Length < 2) return new ReadOnlySequence<byte>(octets);
        var first = new Segment(octets.AsMemory(0, octets.Length / 2));
        var second = first.Append(octets.AsMemory(octets.Length / 2));
        return new ReadOnlySequence<byte>(first, 0, second, second.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
