using System.Buffers;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Sessions;
using MailServer.Protocol.ManageSieve;
using MailServer.Protocol.ManageSieve.Commands;
using MailServer.Protocol.Tests.Imap;

namespace MailServer.Protocol.Tests.ManageSieve;

/// <summary>Drives a session like the server, with scripts in memory, and collects its output.</summary>
internal sealed class ManageSieveDriver : IDisposable
{
    private static readonly TlsInfo Tls = new BindableTlsInfo("TLSv1.3", "TLS_AES_256_GCM_SHA384", null, new TlsBindings("exporter"u8.ToArray(), "end point"u8.ToArray()));
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly Limits _limits;
    private byte[] _unread = [];
    private int _read;
    private bool _handshakes;

    public ManageSieveDriver(ManageSieveSessionOptions options)
    {
        _limits = options.Limits;
        Session = new ManageSieveSession(options) { Output = _output };
    }

    public ManageSieveSession Session { get; }

    /// <summary>The scripts of the account.</summary>
    public SortedDictionary<string, byte[]> Scripts { get; } = new(StringComparer.Ordinal);

    public string? Active { get; private set; }

    /// <summary>The next request to the mailbox fails.</summary>
    public bool FailsNext { get; set; }

    public bool IsClosed { get; private set; }

    /// <summary>The requests to the mailbox, in their order.</summary>
    public List<MailboxRequest> Requests { get; } = [];

    public static ManageSieveSessionOptions Options(Limits? limits = null, bool requireTls = true, bool tls = false) => new()
    {
        Hostname = "mail.example.org",
        Limits = limits ?? Limits.Default,
        RequireTls = requireTls,
        Tls = tls ? Tls : null,
    };

    /// <summary>Creates a signed-in session whose greeting was read.</summary>
    public static ManageSieveDriver SignedIn(Limits? limits = null)
    {
        var driver = new ManageSieveDriver(Options(limits, requireTls: false));
        driver.SignIn();
        return driver;
    }

    public void SignIn()
    {
        Session.Greet();
        Send($"AUTHENTICATE \"PLAIN\" \"{Convert.ToBase64String(Encoding.UTF8.GetBytes("\0alice@example.org\0secret"))}\"\r\n");
        TakeOutput();
    }

    public void Send(string text) => Send(Encoding.UTF8.GetBytes(text));

    public void Send(ReadOnlySpan<byte> octets)
    {
        if (IsClosed || _handshakes) return; // octets sent before the handshake are dropped
        _unread = [.. _unread, .. octets];
        var input = new ReadOnlySequence<byte>(_unread);
        while (Session.Advance(ref input) is { } effect)
        {
            Perform(effect);
            if (_handshakes || IsClosed) break;
        }

        _unread = input.ToArray();
    }

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

    private void Perform(ManageSieveEffect effect)
    {
        switch (effect)
        {
            case ManageSieveEffect.RequestMailbox { Request: var request }:
                Requests.Add(request);
                Session.Answer(FailsNext ? Refused(MailboxRefusal.Unavailable) : Answer(request));
                FailsNext = false;
                break;
            case ManageSieveEffect.Authenticate { Request: var request }:
                Session.Answer(TestAuthenticator.Answer(request));
                break;
            case ManageSieveEffect.StartTls:
                _handshakes = true;
                break;
            case ManageSieveEffect.Close:
                IsClosed = true;
                break;
            default:
                throw new InvalidOperationException($"unexpected {effect}");
        }
    }

    private MailboxReply Answer(MailboxRequest request)
    {
        switch (request)
        {
            case MailboxRequest.ListScripts:
                return new MailboxReply.Scripts(All);
            case MailboxRequest.ReadScript read:
                return Scripts.TryGetValue(read.Name, out var text) ? new MailboxReply.Script(text) : Refused(MailboxRefusal.NoSuchScript);
            case MailboxRequest.PutScript put when ScriptSpace.Check(All, put.Name, put.Text.Length, _limits) is { } refusal:
                return Refused(refusal);
            case MailboxRequest.PutScript put:
                Scripts[put.Name] = put.Text.ToArray();
                return MailboxReply.Done.Instance;
            case MailboxRequest.DeleteScript delete when delete.Name == Active:
                return Refused(MailboxRefusal.ScriptIsActive);
            case MailboxRequest.DeleteScript delete:
                return Scripts.Remove(delete.Name) ? MailboxReply.Done.Instance : Refused(MailboxRefusal.NoSuchScript);
            case MailboxRequest.ActivateScript activate when activate.Name is null || Scripts.ContainsKey(activate.Name):
                Active = activate.Name;
                return MailboxReply.Done.Instance;
            case MailboxRequest.RenameScript rename when Scripts.ContainsKey(rename.To) && Scripts.ContainsKey(rename.From):
                return Refused(MailboxRefusal.ScriptExists);
            case MailboxRequest.RenameScript rename when Scripts.Remove(rename.From, out var moved):
                Scripts[rename.To] = moved;
                if (Active == rename.From) Active = rename.To;
                return MailboxReply.Done.Instance;
            default:
                return Refused(MailboxRefusal.NoSuchScript);
        }
    }

    private IReadOnlyList<StoredScript> All => [.. Scripts.Select(s => new StoredScript(s.Key, s.Value.Length, s.Key == Active, default, ""))];

    private static MailboxReply Refused(MailboxRefusal refusal) => new MailboxReply.Refused(refusal);
}
