using System.Buffers;
using System.Net;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using MailServer.Actors.Queue;
using MailServer.Actors.Tracing;
using MailServer.Domain;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Dns;
using MailServer.Domain.Health;
using MailServer.Domain.Messages;
using MailServer.Network.Dns;
using MailServer.Network.Outbound;
using MailServer.Protocol.Messages;
using MailServer.Storage.Health;
using MailServer.Storage.Spool;
using MailServer.Storage.Journal;
using MailServer.Storage.Tracing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Actors.Tests.Queue;

/// <summary>A queue in its own folder, whose only destination never answers; it can be stopped and started again.</summary>
internal sealed class QueueTestNode : IDisposable
{
    public static readonly EmailAddress Sender = EmailAddress.Parse("ann@example.org");

    private readonly List<JournalFile> _journals = [];
    private MessageTrace? _trace;
    private readonly string _folder = Directory.CreateTempSubdirectory("queue-").FullName;

    public string JournalPath => Path.Combine(_folder, "journal.db");

    /// <summary>The services of the current run.</summary>
    public NodeProblems Problems { get; private set; } = new();

    /// <summary>False: the queue refuses everything because its journal cannot be opened.</summary>
    public bool IsJournalUsable => !Problems.Current.Any(static p => p.Text.Contains("cannot be used", StringComparison.Ordinal));

    public string SpoolFolder => Path.Combine(_folder, "spool");

    public RetrySchedule Schedule { get; init; } = new();

    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public MessageTrace Trace => _trace ??= new(TraceStore.Open(Path.Combine(_folder, "trace.db")), TimeProvider.System, Limits.Default, NullLogger<MessageTrace>.Instance);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The destinations to which nothing is sent.</summary>
    public QueuePauses Pauses { get; set; } = QueuePauses.InMemory();

    /// <summary>By default a port that nothing listens on.</summary>
    public int RelayPort { get; init; } = 1;

    /// <summary>The connection string of the journal database; null: a file.</summary>
    public string? Database { get; init; }

    /// <summary>The actor that plays the mailboxes; null: the router.</summary>
    public IActorRef? Mailboxes { get; set; }

    /// <summary>An actor system whose queue keeps its journal here.</summary>
    public Config Configuration() => ConfigurationFactory.ParseString("""
        akka.loglevel = WARNING
        storage-dispatcher {
          type = ForkJoinDispatcher
          throughput = 5
          dedicated-thread-pool { thread-count = 4, threadtype = background }
        }
        """).WithFallback(Database is null ? QueueJournal.Configuration(JournalFile.ConnectionTo(JournalPath)) : QueueJournal.Shared(Database));

    /// <summary>Makes the journal read-only or writable again.</summary>
    public void BreakJournal(bool isBroken)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "journal.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = isBroken ? "ALTER TABLE journal RENAME TO away" : "ALTER TABLE away RENAME TO journal";
        command.ExecuteNonQuery();
    }

    /// <summary>Moves everything from the write-ahead log to the journal, so that damage to the file has an effect.</summary>
    public void Checkpoint()
    {
        using var connection = new SqliteConnection($"Data Source={JournalPath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA busy_timeout = 10000; PRAGMA wal_checkpoint(TRUNCATE)";
        command.ExecuteNonQuery();
    }

    /// <summary>Copies the journal and the spool of a node that does not run.</summary>
    public void CopyFrom(QueueTestNode other)
    {
        foreach (var file in Directory.EnumerateFiles(other._folder, "journal.db*").Concat(Directory.EnumerateFiles(other.SpoolFolder, "*", SearchOption.AllDirectories)))
        {
            var target = Path.Combine(_folder, Path.GetRelativePath(other._folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public MessageSpool OpenSpool() => new(new SpoolOptions { Directory = SpoolFolder }, new MessageFormat(Limits.Default), TimeProvider.System);

    public QueueServices Services(MessageSpool spool, IActorRef router)
    {
        Problems = new NodeProblems();
        return Compose(spool, router);
    }

    /// <summary>Closes the journals of the services, as the end of their process would.</summary>
    public void CloseJournals()
    {
        foreach (var journal in _journals) journal.Dispose();
        _journals.Clear();
    }

    private JournalFile OpenJournal()
    {
        var journal = new JournalFile(JournalPath, SpoolFolder, QueueJournal.CanRead, TimeProvider.System);
        _journals.Add(journal);
        return journal;
    }

    private QueueServices Compose(MessageSpool spool, IActorRef router) => new()
    {
        Hostname = "mx.example.org",
        Limits = Limits.Default,
        Time = Time,
        Options = new OutboundOptions
        {
            Relay = new RelayHost("127.0.0.1", RelayPort),
            AddressRule = AddressRule.None,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            CommandTimeout = CommandTimeout,
            RequireTls = false,
            VerifyTls = false,
            Schedule = Schedule,
        },
        Dns = new NoDns(),
        Connector = new OutboundConnector(new Resolver([]), Limits.Default, TimeProvider.System),
        Spool = spool,
        Mailboxes = Mailboxes ?? router,
        Signer = null,
        Router = router,
        SpooledAtStart = [.. spool.List(), .. spool.ListOrphanedEnvelopes()],
        Journal = Database is null ? OpenJournal() : null,
        Problems = Problems,
        Stores = new StoreProblems(Problems),
        Unreadable = new UnreadableMessages(Problems),
        Trace = Trace,
        Pauses = Pauses,
        Loggers = NullLoggerFactory.Instance,
        Connections = ActorRefs.Nobody,
    };

    /// <summary>Creates a message in the spool with its envelope, and its queue item.</summary>
    public static QueueItem Spooled(MessageSpool spool, params string[] recipients) => Spooled(spool, held: false, recipients);

    public static QueueItem Spooled(MessageSpool spool, bool held, params string[] recipients)
    {
        using var buffer = spool.Begin();
        buffer.Write(Encoding.ASCII.GetBytes("From: ann@example.org\r\nSubject: x\r\n\r\nbody\r\n"));
        var message = spool.Commit(buffer, default, durableName: true);
        var item = Item(message.Id, recipients) with { IsHeld = held, Size = message.Size };
        spool.Envelopes.Write(message.Id, QueueEnvelope.Encode(new QueueEvent.Queued(item)));
        return item;
    }

    public static QueueItem Item(SpoolId message, params string[] recipients) => new()
    {
        Message = message,
        MessageId = "<1@example.org>",
        Sender = Sender,
        QueuedAt = DateTimeOffset.UtcNow,
        Size = 40,
        PrefixLength = 0,
        EightBit = false,
        SmtpUtf8 = false,
        Recipients = [.. recipients.Select(r => new QueueRecipient { Address = EmailAddress.Parse(r), NextAttempt = DateTimeOffset.UtcNow })],
    };

    public void Dispose()
    {
        _trace?.Dispose();
        CloseJournals();
        Directory.Delete(_folder, recursive: true);
    }

    internal sealed class NoDns : IDnsLookup
    {
        public Task<DnsAnswer<IPAddress>> LookupIPv4Async(string name, CancellationToken cancel) => None<IPAddress>();

        public Task<DnsAnswer<IPAddress>> LookupIPv6Async(string name, CancellationToken cancel) => None<IPAddress>();

        public Task<DnsAnswer<MailExchange>> LookupMxAsync(string name, CancellationToken cancel) => None<MailExchange>();

        public Task<DnsAnswer<string>> LookupTxtAsync(string name, CancellationToken cancel) => None<string>();

        public Task<DnsAnswer<string>> LookupPtrAsync(IPAddress address, CancellationToken cancel) => None<string>();

        private static Task<DnsAnswer<T>> None<T>() => Task.FromResult<DnsAnswer<T>>(new DnsAnswer<T>.NoRecords(NameExists: false));
    }
}
