using System.Text;
using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Access;
using MailServer.Actors.Authentication;
using MailServer.Actors.Common;
using MailServer.Actors.Delivery;
using MailServer.Actors.Entities;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Sessions;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Network.Certificates;
using MailServer.Network.Listeners;
using MailServer.Network.Tests;
using MailServer.Protocol.Imap;
using MailServer.Protocol.ManageSieve;
using MailServer.Protocol.Messages;
using MailServer.Protocol.Smtp;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Actors.Tests.Sessions;

/// <summary>
/// Requests of a session that are never answered: at the deadline the client gets a reply, and a session that must stop while it waits stops. The tables
/// list every effect of the protocols.
/// </summary>
public sealed class SessionWaitTests : TestKit
{
    private const string SignIn = "a LOGIN alice@example.test secret\r\n";
    private const string Helo = "EHLO client.test\r\n";

    // AUTH PLAIN of alice@example.test with the password "secret".
    private static readonly string Plain = "AUTH PLAIN " + Convert.ToBase64String(Encoding.ASCII.GetBytes("\0alice@example.test\0secret")) + "\r\n";

    private static readonly string Fetch = $"b URLFETCH \"imap://bob%40example.test@example.test/INBOX/;UID=1;URLAUTH=authuser:internal:{new string('0', 66)}\"\r\n";

    private static readonly string SieveSignIn = "AUTHENTICATE \"PLAIN\" \"" + Convert.ToBase64String(Encoding.ASCII.GetBytes("\0alice@example.test\0secret")) + "\"\r\n";

    private readonly TemporaryDirectory _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly SilentDirectory _directory = new();
    private readonly TestProbe _mailboxes;
    private readonly TestProbe _router;
    private readonly TestProbe _registry;

    public SessionWaitTests()
    {
        _mailboxes = CreateTestProbe();
        _router = CreateTestProbe();
        _registry = CreateTestProbe();
    }

    /// <summary>Effects that complete in the same turn, or that wait only for the client, whose reads and writes have their own deadlines.</summary>
    private static readonly string[] Performed =
    [
        nameof(ImapEffect.BeginMessage), nameof(ImapEffect.DiscardMessage), nameof(ImapEffect.SendContent), nameof(ImapEffect.Flush), nameof(ImapEffect.Close), nameof(ImapEffect.StartTls),
        nameof(ImapEffect.StartCompression), nameof(ImapEffect.Yield),
        "NeedInput",
    ];

    public static TheoryData<string, string, string, string> Imap() => new()
    {
        { nameof(ImapEffect.Authenticate), "", SignIn, "a NO [UNAVAILABLE]" },
        { nameof(ImapEffect.RequestMailbox), SignIn, "b SELECT INBOX\r\n", "b NO [UNAVAILABLE]" },
        { nameof(ImapEffect.RequestMailbox) + " before SELECT", SignIn, "b LIST \"\" *\r\n", "b NO [UNAVAILABLE]" },
        { nameof(ImapEffect.RequestMailbox) + " STATUS", SignIn, "b STATUS INBOX (MESSAGES)\r\n", "b NO [UNAVAILABLE]" },
        { nameof(ImapEffect.RequestMailbox) + " CREATE", SignIn, "b CREATE Archive\r\n", "b NO [UNAVAILABLE]" },
        { nameof(ImapEffect.FindAccount), SignIn, Fetch, "b NO [UNAVAILABLE]" },
        { nameof(ImapEffect.RequestMailboxOf), SignIn, Fetch, "b NO [UNAVAILABLE]" },
        // Folders of others are left out of a list.
        { nameof(ImapEffect.ListSharers), SignIn, "b LIST \"\" *\r\n", "b OK" },
        { nameof(ImapEffect.ListSharers) + " for a name", SignIn, "b SELECT \"Other Users/bob@example.test/INBOX\"\r\n", "b NO [UNAVAILABLE]" },
        { nameof(ImapEffect.FindGuest), SignIn, "b SETACL INBOX bob@example.test lr\r\n", "b NO [UNAVAILABLE]" },
        { nameof(ImapEffect.CommitMessage), SignIn, "b APPEND INBOX {6+}\r\nA: b\r\n\r\n", "b NO [UNAVAILABLE]" },
    };

    public static TheoryData<string, string, string, string> Smtp() => new()
    {
        { nameof(SmtpEffect.Authenticate), Helo, Plain, "454 " },
        { nameof(SmtpEffect.CheckSender), Helo + Plain, "MAIL FROM:<alice@example.test>\r\n", "451 " },
        { nameof(SmtpEffect.CheckRecipient), Helo + Plain + "MAIL FROM:<>\r\n", "RCPT TO:<bob@example.test>\r\n", "451 " },
        { nameof(SmtpEffect.AcceptMessage), Helo + Plain + "MAIL FROM:<>\r\nRCPT TO:<known@example.test>\r\nDATA\r\n", "From: alice@example.test\r\n\r\nhello\r\n.\r\n", "451 " },
    };

    public static TheoryData<string, string, string, string> ManageSieve() => new()
    {
        { nameof(ManageSieveEffect.Authenticate), "", SieveSignIn, "NO (TRYLATER)" },
        { nameof(ManageSieveEffect.RequestMailbox), SieveSignIn, "LISTSCRIPTS\r\n", "NO (TRYLATER)" },
        { nameof(ManageSieveEffect.RequestMailbox) + " PUTSCRIPT", SieveSignIn, "PUTSCRIPT \"a\" \"keep;\"\r\n", "NO (TRYLATER)" },
        { nameof(ManageSieveEffect.RequestMailbox) + " SETACTIVE", SieveSignIn, "SETACTIVE \"\"\r\n", "NO (TRYLATER)" },
    };

    [Fact]
    public void Every_effect_is_in_one_of_the_tables()
    {
        foreach (var (effects, table) in new[] { (typeof(ImapEffect), Imap()), (typeof(SmtpEffect), Smtp()), (typeof(ManageSieveEffect), ManageSieve()) })
        {
            var tested = table.Select(static row => ((string)row[0]).Split(' ')[0]).ToHashSet(StringComparer.Ordinal);
            foreach (var effect in effects.GetNestedTypes(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic).Where(t => t.IsSubclassOf(effects)))
                Assert.True(tested.Contains(effect.Name) || Performed.Contains(effect.Name), $"nothing says what becomes of {effects.Name}.{effect.Name} when nobody answers");
        }
    }

    [Theory]
    [MemberData(nameof(Imap))]
    public Task An_IMAP_client_gets_a_reply_at_the_deadline(string effect, string before, string command, string answer) => DeadlineAsync(ListenerKind.Imap, effect, before, command, answer);

    [Theory]
    [MemberData(nameof(Smtp))]
    public Task An_SMTP_client_gets_a_reply_at_the_deadline(string effect, string before, string command, string answer) => DeadlineAsync(ListenerKind.Submission, effect, before, command, answer);

    [Theory]
    [MemberData(nameof(ManageSieve))]
    public Task A_ManageSieve_client_gets_a_reply_at_the_deadline(string effect, string before, string command, string answer) => DeadlineAsync(ListenerKind.ManageSieve, effect, before, command, answer);

    [Theory]
    [MemberData(nameof(ManageSieve))]
    public Task A_waiting_ManageSieve_session_stops_on_request(string effect, string before, string command, string answer) =>
        KickAsync(ListenerKind.ManageSieve, effect, before, command, answer, "BYE (TRYLATER)");

    [Theory]
    [MemberData(nameof(Imap))]
    public Task A_waiting_IMAP_session_stops_on_request(string effect, string before, string command, string answer) =>
        KickAsync(ListenerKind.Imap, effect, before, command, answer, "* BYE");

    [Theory]
    [MemberData(nameof(Smtp))]
    public Task A_waiting_SMTP_session_stops_on_request(string effect, string before, string command, string answer) =>
        KickAsync(ListenerKind.Submission, effect, before, command, answer, "421 ");

    [Fact]
    public async Task A_late_answer_is_not_matched_to_the_next_request()
    {
        await using var server = await ServeAsync(ListenerKind.Imap, "RequestMailbox");
        await using var client = await server.Listener.ConnectAsync();
        await UntilAsync(client, "* OK");
        await client.SendAsync(SignIn + "b SELECT INBOX\r\n");
        var first = _mailboxes.ExpectMsg<MailboxProtocol.AccountRequest>(TimeSpan.FromSeconds(30));
        var session = await server.Session;
        Overdue(session, RequestRules.Of(new MailboxRequest.ListFolders()).Answer);
        await UntilAsync(client, "b NO [UNAVAILABLE]");
        await client.SendAsync("c STATUS INBOX (MESSAGES)\r\n");
        var second = _mailboxes.ExpectMsg<MailboxProtocol.AccountRequest>(TimeSpan.FromSeconds(30));
        Assert.NotEqual(first.Sequence, second.Sequence);
        session.Tell(new MailboxProtocol.NumberedReply(first.Sequence, MailboxReply.Done.Instance));
        session.Tell(new MailboxProtocol.NumberedReply(second.Sequence, new MailboxReply.Refused(MailboxRefusal.NoSuchFolder)));
        var line = await UntilAsync(client, "c ");
        Assert.StartsWith("c NO", line, StringComparison.Ordinal);
        Assert.DoesNotContain("UNAVAILABLE", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_late_answer_about_scripts_is_not_matched_to_the_next_request()
    {
        await using var server = await ServeAsync(ListenerKind.ManageSieve, "RequestMailbox");
        await using var client = await server.Listener.ConnectAsync();
        await client.SendAsync(SieveSignIn);
        await UntilAsync(client, "OK \"Signed in\"");
        await client.SendAsync("LISTSCRIPTS\r\n");
        var first = _mailboxes.ExpectMsg<MailboxProtocol.AccountRequest>(TimeSpan.FromSeconds(30));
        var session = await server.Session;
        // The turn of the request has ended.
        await session.Ask<SessionDescription>(SessionProtocol.Describe.Instance, TimeSpan.FromSeconds(30));
        Overdue(session, RequestRules.Of(new MailboxRequest.ListScripts()).Answer);
        await UntilAsync(client, "NO (TRYLATER)");
        await client.SendAsync("DELETESCRIPT \"a\"\r\n");
        var second = _mailboxes.ExpectMsg<MailboxProtocol.AccountRequest>(TimeSpan.FromSeconds(30));
        session.Tell(new MailboxProtocol.NumberedReply(first.Sequence, new MailboxReply.Scripts([])));
        session.Tell(new MailboxProtocol.NumberedReply(second.Sequence, new MailboxReply.Refused(MailboxRefusal.NoSuchScript)));
        await UntilAsync(client, "NO (NONEXISTENT)");
    }

    [Fact]
    public async Task A_ManageSieve_client_has_two_minutes_to_sign_in_and_then_half_an_hour_of_silence()
    {
        await using var server = await ServeAsync(ListenerKind.ManageSieve, "");
        await using var client = await server.Listener.ConnectAsync();
        await UntilAsync(client, "OK ");
        var session = await server.Session;
        await client.SendAsync(SieveSignIn);
        await UntilAsync(client, "OK \"Signed in\"");
        // RFC 5804 §1.4 requires half an hour.
        Overdue(session, TimeSpan.FromMinutes(31));
        await client.SendAsync("NOOP\r\n");
        await UntilAsync(client, "OK \"NOOP completed\"");
        await client.SendAsync("UNAUTHENTICATE\r\n");
        await UntilAsync(client, "OK \"Signed out\"");
        Overdue(session, TimeSpan.FromSeconds(100));
        await client.SendAsync("NOOP\r\n");
        await UntilAsync(client, "OK \"NOOP completed\"");
        Overdue(session, TimeSpan.FromSeconds(20));
        Assert.Equal("BYE (TRYLATER) \"no sign-in within the time limit\"", await client.ReadLineAsync());
        Assert.Equal("<end>", await client.ReadLineAsync());
    }

    [Fact]
    public async Task An_idle_ManageSieve_session_ends()
    {
        await using var server = await ServeAsync(ListenerKind.ManageSieve, "");
        await using var client = await server.Listener.ConnectAsync();
        await client.SendAsync(SieveSignIn);
        await UntilAsync(client, "OK \"Signed in\"");
        var session = await server.Session;
        await session.Ask<SessionDescription>(SessionProtocol.Describe.Instance, TimeSpan.FromSeconds(30));
        Overdue(session, Limits.Default.ManageSieveInactivityTimeout);
        Assert.Equal("BYE (TRYLATER) \"idle for too long\"", await client.ReadLineAsync());
    }

    [Fact]
    public async Task A_refusal_without_a_number_ends_the_wait()
    {
        await using var server = await ServeAsync(ListenerKind.Imap, "RequestMailbox");
        await using var client = await server.Listener.ConnectAsync();
        await UntilAsync(client, "* OK");
        await client.SendAsync(SignIn + "b LIST \"\" *\r\n");
        _mailboxes.ExpectMsg<MailboxProtocol.AccountRequest>(TimeSpan.FromSeconds(30));
        (await server.Session).Tell(new MailboxReply.Refused(MailboxRefusal.Unavailable));
        await UntilAsync(client, "b NO [UNAVAILABLE]");
    }

    [Fact]
    public async Task A_client_whose_command_takes_long_is_told_that_it_is_in_progress()
    {
        await using var server = await ServeAsync(ListenerKind.Imap, "RequestMailbox");
        await using var client = await server.Listener.ConnectAsync();
        await UntilAsync(client, "* OK");
        await client.SendAsync(SignIn + "b2 LIST \"\" *\r\n");
        _mailboxes.ExpectMsg<MailboxProtocol.AccountRequest>(TimeSpan.FromSeconds(30));
        var session = await server.Session;
        // The turn of the request has ended.
        await session.Ask<SessionDescription>(SessionProtocol.Describe.Instance, TimeSpan.FromSeconds(30));
        Overdue(session, TimeSpan.FromSeconds(5));
        Overdue(session, Limits.Default.ImapProgress);
        Assert.Equal("* OK [INPROGRESS (\"b2\" NIL NIL)] Still working", await UntilAsync(client, "* "));
        Overdue(session, TimeSpan.FromSeconds(5));
        Overdue(session, Limits.Default.ImapProgress);
        Assert.Equal("* OK [INPROGRESS (\"b2\" NIL NIL)] Still working", await client.ReadLineAsync());
        session.Tell(new MailboxReply.Refused(MailboxRefusal.Unavailable));
        Assert.StartsWith("b2 NO", await client.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_in_IDLE_gets_no_ticks_until_its_keepalive_is_due()
    {
        await using var server = await ServeAsync(ListenerKind.Imap, "");
        await using var client = await server.Listener.ConnectAsync();
        await client.SendAsync(SignIn);
        await UntilAsync(client, "a OK");
        await client.SendAsync("b IDLE\r\n");
        await UntilAsync(client, "+");
        var session = await server.Session;
        Overdue(session, TimeSpan.FromSeconds(29));
        Assert.Equal(Limits.Default.ImapIdleKeepAlive - TimeSpan.FromSeconds(30), Pause());
        await client.SendAsync("DONE\r\n");
        await UntilAsync(client, "b OK");
        Assert.Equal(TimeSpan.Zero, Pause());
        Overdue(session, TimeSpan.Zero);
        await session.Ask<SessionDescription>(SessionProtocol.Describe.Instance, TimeSpan.FromSeconds(30));
        Assert.False(_registry.HasMessages);

        TimeSpan Pause() => _registry.FishForMessage<SessionProtocol.PauseTicks>(static _ => true, TimeSpan.FromSeconds(30)).For;
    }

    [Fact]
    public async Task The_registry_sends_ticks_again_after_a_pause()
    {
        await using var server = await ServeAsync(ListenerKind.Imap, "", services => Sys.ActorOf(SessionRegistryActor.Props(services)));
        await using var client = await server.Listener.ConnectAsync();
        await client.SendAsync(SignIn);
        await UntilAsync(client, "a OK");
        await client.SendAsync("b IDLE\r\n");
        await UntilAsync(client, "+");
        var registry = await server.Session;
        for (var keepalive = 0; keepalive < 2; keepalive++)
        {
            foreach (var seconds in (int[])[30, 60, 31])
            {
                _time.Advance(TimeSpan.FromSeconds(seconds));
                registry.Tell(SessionProtocol.Tick.Instance);
                // The session has handled the tick.
                await registry.Ask<SessionProtocol.Counted>(new SessionProtocol.Count(), TimeSpan.FromSeconds(30));
            }

            await UntilAsync(client, "* OK Still here");
        }
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _folder.Dispose();
    }

    private async Task DeadlineAsync(ListenerKind kind, string effect, string before, string command, string answer)
    {
        await using var server = await ServeAsync(kind, effect);
        await using var client = await server.Listener.ConnectAsync();
        var session = await WaitingAsync(server, client, before, command);
        var longest = new[] { RequestRules.Of(new MailboxRequest.ListFolders()).Answer, Limits.Default.AuthenticationTimeout, Limits.Default.AddressTimeout, Limits.Default.DeliveryTimeout }.Max();
        Overdue(session, longest);
        await UntilAsync(client, answer);
        await client.SendAsync("z NOOP\r\n");
        await UntilAsync(client, kind == ListenerKind.Imap ? "z OK" : kind == ListenerKind.ManageSieve ? "NO \"Unknown command\"" : "500 ");
    }

    private async Task KickAsync(ListenerKind kind, string effect, string before, string command, string answer, string bye)
    {
        await using var server = await ServeAsync(kind, effect);
        await using var client = await server.Listener.ConnectAsync();
        var session = await WaitingAsync(server, client, before, command);
        session.Tell(new SessionProtocol.End("ended by the administrator"));
        // The session has processed the message before its clock advances.
        await session.Ask<SessionDescription>(SessionProtocol.Describe.Instance, TimeSpan.FromSeconds(30));
        Overdue(session, Limits.Default.SessionEndTimeout);
        await UntilAsync(client, answer);
        await UntilAsync(client, bye);
        Assert.Equal("<end>", await client.ReadLineAsync());
    }

    /// <summary>Returns the session once it has sent its request and waits.</summary>
    private async Task<IActorRef> WaitingAsync(ServedConnection server, Stream client, string before, string command)
    {
        await client.ReadLineAsync();
        foreach (var line in before.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            await client.SendAsync(line + "\r\n");
            await UntilAsync(client, line.StartsWith("a ", StringComparison.Ordinal) ? "a OK" : line.StartsWith("AUTHENTICATE", StringComparison.Ordinal) ? "OK \"Signed in\"" : "");
        }

        await client.SendAsync(command);
        var session = await server.Session;
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!_directory.IsAsked && (_directory.IsAskedAfterMailbox || (!_mailboxes.HasMessages && !_router.HasMessages)))
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), "it asks");
            await Task.Delay(10);
        }

        // The turn of the request has ended.
        await session.Ask<SessionDescription>(SessionProtocol.Describe.Instance, TimeSpan.FromSeconds(30));
        return session;
    }

    private void Overdue(IActorRef session, TimeSpan time)
    {
        _time.Advance(time + TimeSpan.FromSeconds(1));
        session.Tell(SessionProtocol.Tick.Instance);
    }

    /// <summary>The first line with this prefix; for a multi-line SMTP reply the last line.</summary>
    private static async Task<string> UntilAsync(Stream client, string beginning)
    {
        while (true)
        {
            var line = await client.ReadLineAsync();
            if (line.StartsWith(beginning, StringComparison.Ordinal) && !(line.Length > 3 && line[3] == '-')) return line;
            Assert.NotEqual("<end>", line);
        }
    }

    /// <param name="kind">The listener.</param>
    /// <param name="effect">The effect that is never answered.</param>
    /// <param name="registry">Creates the registry that starts the session; null: the session is a child of a probe.</param>
    private async Task<ServedConnection> ServeAsync(ListenerKind kind, string effect, Func<SessionServices, IActorRef>? registry = null)
    {
        _directory.Silent = effect.Split(' ')[0];
        if (_directory.IsAskedAfterMailbox) _mailboxes.SetAutoPilot(new DelegateAutoPilot(AnswerRequest));
        var format = new MessageFormat(Limits.Default);
        var services = new SessionServices
        {
            Hostname = "mail.example.test",
            ServerId = ["mailserver", "0"],
            RequireTls = false,
            Limits = Limits.Default,
            Time = _time,
            Directory = _directory,
            Authenticator = new Authenticator(_directory, new AnyPassword(), LoginGuard.Off, NullAuditLog.Instance, Limits.Default, _time, NullLogger<Authenticator>.Instance),
            Addresses = new AddressPolicy(_directory, Limits.Default, "mail.example.test"),
            Quotas = new QuotaGate(_directory, _mailboxes),
            Admission = null,
            Spool = new MessageSpool(new SpoolOptions { Directory = _folder["spool"] }, format, TimeProvider.System),
            Mailboxes = _mailboxes,
            Router = _router,
            Loggers = NullLoggerFactory.Instance,
        };
        var session = new TaskCompletionSource<IActorRef>();
        var listener = await TestServer.StartAsync(kind, async connection =>
        {
            var start = new SessionProtocol.Start(connection, new TaskCompletionSource());
            if (registry is not null)
            {
                var started = registry(services);
                started.Tell(start);
                session.TrySetResult(started);
                await start.Ended.Task.WaitAsync(TimeSpan.FromMinutes(2));
                return;
            }

            var actor = _registry.ChildActorOf(kind.Protocol switch
            {
                ListenerProtocol.Imap => ActorFactory.Props(() => new ImapSessionActor(start, services)),
                ListenerProtocol.ManageSieve => ActorFactory.Props(() => new ManageSieveSessionActor(start, services)),
                _ => ActorFactory.Props(() => new SmtpSessionActor(start, services)),
            });
            session.TrySetResult(actor);
            var ended = CreateTestProbe();
            ended.Watch(actor);
            await ended.ExpectTerminatedAsync(actor, TimeSpan.FromMinutes(2));
        }, new CertificateSelector(new SelfSignedCertificateSource(_folder["certificate"], ["mail.example.test"], TimeProvider.System, NullLogger<SelfSignedCertificateSource>.Instance)));
        return new ServedConnection(listener, session.Task);
    }

    private static AutoPilot AnswerRequest(IActorRef session, object message)
    {
        if (message is MailboxProtocol.AccountRequest asked)
        {
            MailboxReply reply = asked.Request is MailboxRequest.GetGrants ? new MailboxReply.Grants([]) : new MailboxReply.Folders([], new HashSet<FolderName>());
            session.Tell(new MailboxProtocol.NumberedReply(asked.Sequence, reply));
        }

        return AutoPilot.KeepRunning;
    }

    private sealed record ServedConnection(TestServer Listener, Task<IActorRef> Session) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Listener.DisposeAsync();
    }

    private sealed class AnyPassword : IPasswordVerifier
    {
        public string UnknownHash => "none";

        public bool Verify(string password, string hash) => true;
    }

    /// <summary>Knows alice, and never answers the effect under test.</summary>
    private sealed class SilentDirectory : IDirectory
    {
        private static readonly Account Alice = new(new AccountId(1), EmailAddress.Parse("alice@example.test"), true, default);
        private int _asked;

        public string Silent { get; set; } = "";

        /// <summary>The mailbox is asked before, and answers.</summary>
        public bool IsAskedAfterMailbox => Silent is nameof(ImapEffect.ListSharers) or nameof(ImapEffect.FindGuest);

        public bool IsAsked => Volatile.Read(ref _asked) > 0;

        public long Version => 1;

        public ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel) =>
            Unless<RecipientResolution>(Silent is nameof(ImapEffect.FindAccount) or nameof(ImapEffect.FindGuest) ? Silent : nameof(SmtpEffect.CheckRecipient), new RecipientResolution.Local(Alice.Id, Alice.Address, null));

        public ValueTask<bool> IsHostedAsync(string domain, CancellationToken cancel) => new(true);

        public ValueTask<AccountCredentials?> FindLoginAsync(EmailAddress login, CancellationToken cancel) =>
            Unless<AccountCredentials?>(nameof(SmtpEffect.Authenticate), new AccountCredentials(Alice, "hash", null));

        public ValueTask<bool> MaySendAsAsync(AccountId account, EmailAddress sender, CancellationToken cancel) => Unless(nameof(SmtpEffect.CheckSender), true);

        public ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(AccountId account, CancellationToken cancel) => new([Alice.Address]);

        public ValueTask<Account?> FindAccountAsync(AccountId account, CancellationToken cancel) => new(Alice);

        public ValueTask<IReadOnlyList<Account>> SharersAsync(AccountId guest, CancellationToken cancel) => Unless<IReadOnlyList<Account>>(nameof(ImapEffect.ListSharers), []);

        private ValueTask<T> Unless<T>(string effect, T answer)
        {
            if (Silent != effect) return new ValueTask<T>(answer);
            Interlocked.Increment(ref _asked);
            return new ValueTask<T>(new TaskCompletionSource<T>().Task);
        }
    }
}
