using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Delivery;
using MailServer.Actors.Filtering;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Queue;
using MailServer.Actors.Tests.Delivery;
using MailServer.Actors.Tests.Queue;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Actors.Tests.Mailboxes;

/// <summary>A mailbox on a real file system, the actor that sends mail, and a queue that records; scripts decide about what is delivered.</summary>
public abstract class ScriptedDeliveryBed : TestKit
{
    private const string Dispatcher = "storage-dispatcher { type = ForkJoinDispatcher\n dedicated-thread-pool { thread-count = 2 } }";

    private readonly QueueTestNode _node = new();
    private readonly MessageSpool _spool;
    private volatile string? _crashAt;
    private volatile bool _isQueueUsable = true;

    protected ScriptedDeliveryBed() : base(Dispatcher)
    {
        var format = new MessageFormat(Limits.Default);
        _spool = new MessageSpool(new SpoolOptions { Directory = Root["spool"], Node = "test" }, format, TimeProvider.System);
        var queue = Sys.ActorOf(Props.Create(() => new RecordingQueue(this)));
        var services = DeliveryTestServices.Create(_node, _spool, ActorRefs.Nobody) with
        {
            Addresses = new AddressPolicy(Accounts, Limits.Default, "mx.example.org"),
            Forwarding = new ForwardingRewriter(null, null, Accounts, Limits.Default, "mx.example.org"),
            Queue = queue,
        };
        Region = Sys.ActorOf(MailboxActor.Region(new MailboxServices
        {
            MaildirDirectory = Root["maildir"],
            SpoolDirectory = Root["spool"],
            Limits = Limits.Default,
            Format = format,
            Directory = Accounts,
            Time = TimeProvider.System,
            Loggers = NullLoggerFactory.Instance,
            Scripts = new ScriptServices
            {
                Server = Server,
                Spool = _spool,
                Mail = Sys.ActorOf(ScriptMailActor.Props(services)),
                Trace = null,
                Hostname = "mx.example.org",
                FaultPoint = point =>
                {
                    AtPoint?.Invoke(point);
                    if (point != _crashAt) return;
                    _crashAt = null;
                    throw new CrashException(point);
                },
            },
        }));
    }

    protected static AccountId Ann { get; } = new(1);

    protected static EmailAddress AnnAddress { get; } = EmailAddress.Parse("ann@example.org");

    private protected TemporaryDirectory Root { get; } = new();

    protected ServerScripts Server { get; } = new(sendsPerHour: 5);

    protected ConcurrentDictionary<SpoolId, QueueItem> Queued { get; } = new();

    /// <summary>What the queue was given, by message.</summary>
    protected ConcurrentDictionary<SpoolId, string> Contents { get; } = new();

    protected IActorRef Region { get; }

    protected TestDirectory Accounts { get; } = new();

    /// <summary>Called at each step.</summary>
    protected Action<string>? AtPoint { get; set; }

    /// <summary>The step at which the mailbox fails, once.</summary>
    protected string? CrashAt
    {
        get => _crashAt;
        set => _crashAt = value;
    }

    protected bool IsQueueUsable
    {
        get => _isQueueUsable;
        set => _isQueueUsable = value;
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _node.Dispose();
        Root.Dispose();
    }

    protected void Activate(string script)
    {
        Put("main", script);
        Assert.IsType<MailboxReply.Done>(Ask(new MailboxRequest.ActivateScript("main")));
    }

    /// <summary>Also a script with errors, as if it was written by hand.</summary>
    protected void ActivateUnchecked(string script)
    {
        Activate("keep;");
        File.WriteAllText(Path.Combine(Root["maildir"], "user_1", ".sieve", "main.sieve"), script);
    }

    protected void Put(string name, string script) => Assert.IsType<MailboxReply.Done>(Ask(new MailboxRequest.PutScript(name, Encoding.UTF8.GetBytes(script))));

    protected MailboxReply Ask(MailboxRequest request)
    {
        Region.Tell(new MailboxProtocol.AccountRequest(Ann, request), TestActor);
        return ExpectMsg<MailboxReply>();
    }

    protected MailboxReply Deliver(SpooledMessage message)
    {
        Send(message);
        return ExpectMsg<MailboxProtocol.Delivered>(TimeSpan.FromSeconds(20)).Result;
    }

    protected void Send(SpooledMessage message) => Region.Tell(new MailboxProtocol.Deliver(Ann, FolderName.Inbox, message) { Recipient = AnnAddress }, TestActor);

    protected SpooledMessage Spooled(string subject, string more = "", string sender = "someone@far.example", string body = "")
    {
        using var buffer = _spool.Begin();
        buffer.Write(Encoding.ASCII.GetBytes($"Return-Path: <{sender}>\r\n{more}From: {sender}\r\nTo: ann@example.org\r\nSubject: {subject}\r\nMessage-ID: <{subject}@far.example>\r\n\r\n{subject}\r\n{body}"));
        return _spool.Commit(buffer, []);
    }

    protected string[] Files(string folder)
    {
        var path = Path.Combine(Root["maildir"], "user_1", folder, "cur");
        return Directory.Exists(path) ? Directory.GetFiles(path) : [];
    }

    /// <summary>The folders that have mail.</summary>
    protected string[] Folders()
    {
        var home = Path.Combine(Root["maildir"], "user_1");
        return [.. Directory.GetFiles(home, "*", SearchOption.AllDirectories).Where(static f => Path.GetFileName(Path.GetDirectoryName(f)) == "cur")
            .Select(f => Path.GetRelativePath(home, Path.GetDirectoryName(Path.GetDirectoryName(f))!)).Distinct().Order(StringComparer.Ordinal)];
    }

    protected string[] SpoolFiles() => [.. Directory.GetFiles(Root["spool"]).Select(static f => Path.GetFileName(f)).Where(static f => f[0] != '.')];

    private sealed class CrashException(string point) : Exception(point);

    /// <summary>Takes each message once and reads it at once, as a host that answers would.</summary>
    private sealed class RecordingQueue(ScriptedDeliveryBed test) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is not QueueProtocol.Enqueue enqueue) return;
            if (!test._isQueueUsable)
            {
                Sender.Tell(new QueueProtocol.Unavailable(enqueue.Message, MayHaveIt: false));
                return;
            }

            if (test.Queued.TryAdd(enqueue.Message, enqueue.Item))
                using (var content = test._spool.Open(enqueue.Message)) test.Contents[enqueue.Message] = Encoding.UTF8.GetString(content.ReadRange(0, (int)content.Length));
            test._spool.Remove(enqueue.Message);
            Sender.Tell(new QueueProtocol.Enqueued(enqueue.Message, true));
        }
    }

    /// <summary>One account, with a hosted domain.</summary>
    protected sealed class TestDirectory : IDirectory
    {
        private static readonly Account Owner = new(Ann, AnnAddress, true, DateTimeOffset.UnixEpoch);

        public bool IsDown { get; set; }

        /// <summary>Octets; null: no limit. Read when the mailbox opens.</summary>
        public long? Quota { get; set; }

        public long Version => 1;

        public ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel) => Answer<RecipientResolution>(
            address.WithoutTag().Equals(AnnAddress) ? new RecipientResolution.Local(Ann, address, address.Tag)
            : address.Domain == "example.org" ? new RecipientResolution.Unknown() : new RecipientResolution.Remote());

        public ValueTask<bool> IsHostedAsync(string domain, CancellationToken cancel) => Answer(domain == "example.org");

        public ValueTask<AccountCredentials?> FindLoginAsync(EmailAddress login, CancellationToken cancel) => Answer<AccountCredentials?>(null);

        public ValueTask<bool> MaySendAsAsync(AccountId account, EmailAddress sender, CancellationToken cancel) => Answer(sender.WithoutTag().Equals(AnnAddress));

        public ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(AccountId account, CancellationToken cancel) => Answer<IReadOnlyList<EmailAddress>>([AnnAddress]);

        public ValueTask<Account?> FindAccountAsync(AccountId account, CancellationToken cancel) => Answer<Account?>(Owner with { Quota = Quota });

        private ValueTask<T> Answer<T>(T value) => IsDown ? ValueTask.FromException<T>(new DirectoryException(DirectoryRefusal.DatabaseBusy, "down")) : ValueTask.FromResult(value);
    }
}
