using System.Buffers;
using System.Text;
using Akka.Actor;
using MailServer.Actors.Filtering;
using MailServer.Actors.Mailboxes;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Health;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;
using MailServer.Storage.Health;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailServer.Actors.Tests.Mailboxes;

/// <summary>The classes of a mailbox actor on a real file system, without the actor: what it would receive is recorded.</summary>
internal sealed class MailboxParts : IDisposable, ICanWatch
{
    private readonly TemporaryDirectory _directory = new();
    private readonly MessageSpool _spool;

    public MailboxParts(IDirectory? directory = null)
    {
        var format = new MessageFormat(Limits.Default);
        _spool = new MessageSpool(new SpoolOptions { Directory = _directory["spool"] }, format, TimeProvider.System);
        var services = new MailboxServices
        {
            MaildirDirectory = _directory["maildir"],
            SpoolDirectory = _directory["spool"],
            Limits = Limits.Default,
            Format = format,
            Directory = directory,
            Stores = new StoreProblems(Problems),
            Time = Time,
            Loggers = NullLoggerFactory.Instance,
        };
        Mailbox = new RecoverableMailbox(Account, services, new MailboxLog(NullLogger.Instance, Account))
        {
            Closing = () => Events.Add("closing"),
            Opened = () => Events.Add("opened"),
            Lost = _ => Events.Add("lost"),
        };
        Quota = new QuotaTracker(Mailbox, directory, Loading.Add);
        Notifier = new MailboxNotifier(Mailbox, Watchers);
        Staged = new StagedMessages(Mailbox, Quota, Notifier, Self);
        Flusher = new MailboxFlusher(Mailbox, Staged, Notifier, Self, Time);
        Searches = new RunningSearches(Mailbox, Self);
        Selections = new FolderSelections(Mailbox, Watchers, Notifier, Searches, this);
        Scan = new ForeignFileScan(Mailbox, Watchers, Notifier, Time);
        Requests = new MailboxRequestHandler(Mailbox, Quota, Notifier, Selections, new FolderSharing(Mailbox, directory, Selections, Self), Searches, Scan, new AccountScripts(() => Mailbox.Store, new ServerScripts(ServerScripts.DefaultSendsPerHour), "mx.example.org", Limits.Default, Time), Self);
    }

    public static AccountId Account { get; } = new(1);

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    public NodeProblems Problems { get; } = new();

    public List<string> Events { get; } = [];

    public List<Task<Account?>> Loading { get; } = [];

    public HashSet<IActorRef> Watched { get; } = [];

    public RecordingActor Self { get; } = new("mailbox");

    public FolderWatchers Watchers { get; } = new();

    public RecoverableMailbox Mailbox { get; }

    public QuotaTracker Quota { get; }

    public MailboxNotifier Notifier { get; }

    public StagedMessages Staged { get; }

    public MailboxFlusher Flusher { get; }

    public FolderSelections Selections { get; }

    public RunningSearches Searches { get; }

    public ForeignFileScan Scan { get; }

    public MailboxRequestHandler Requests { get; }

    public string this[string name] => _directory[name];

    public string Folder => _directory[Path.Combine("maildir", "user_1")];

    public IActorRef Watch(IActorRef subject)
    {
        Watched.Add(subject);
        return subject;
    }

    public IActorRef WatchWith(IActorRef subject, object message) => Watch(subject);

    public IActorRef Unwatch(IActorRef subject)
    {
        Watched.Remove(subject);
        return subject;
    }

    /// <summary>Stages a message for INBOX.</summary>
    /// <returns>The sender, which records the reply.</returns>
    public RecordingActor Stage(string text, bool delivered = true)
    {
        var client = new RecordingActor("sender");
        var message = Spooled(text);
        Staged.Stage(new StagedMessage(new RequestOrigin(client, 0), message.Id, delivered), FolderName.Inbox, MessageFlags.None, null, message);
        return client;
    }

    /// <summary>Performs a request.</summary>
    /// <returns>All that the client received, in order.</returns>
    public IReadOnlyList<object> Request(MailboxRequest request, RecordingActor? client = null)
    {
        client ??= new RecordingActor("client");
        var before = client.Received.Count;
        Requests.Handle(request, new RequestOrigin(client, 0));
        return [.. client.Received.Skip(before)];
    }

    public SpooledMessage Spooled(string text)
    {
        using var buffer = _spool.Begin();
        buffer.Write(Encoding.ASCII.GetBytes($"From: a@example.org\r\nSubject: {text}\r\n\r\n{text}\r\n"));
        return _spool.Commit(buffer, []);
    }

    public FolderSnapshot Select(RecordingActor session, bool readOnly = false) =>
        Request(new MailboxRequest.Select(FolderName.Inbox, readOnly), session).OfType<MailboxReply.Selected>().Single().Folder;

    public void Dispose()
    {
        Mailbox.Dispose();
        _directory.Dispose();
    }

    /// <summary>Records what it is sent.</summary>
    internal sealed class RecordingActor(string name) : MinimalActorRef
    {
        public List<object> Received { get; } = [];

        public override ActorPath Path { get; } = new RootActorPath(Address.AllSystems) / "user" / name;

        public override IActorRefProvider Provider => throw new NotSupportedException();

        protected override void TellInternal(object message, IActorRef sender) => Received.Add(message);
    }
}
