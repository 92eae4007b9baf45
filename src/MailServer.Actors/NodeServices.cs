using MailServer.Actors.Access;
using MailServer.Actors.Authentication;
using MailServer.Actors.Cluster;
using MailServer.Actors.Collections;
using MailServer.Actors.Delivery;
using MailServer.Actors.Entities;
using MailServer.Actors.Filtering;
using MailServer.Actors.History;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Queue;
using MailServer.Actors.Reports;
using MailServer.Actors.Sessions;
using MailServer.Actors.Submission;
using MailServer.Actors.Tracing;
using MailServer.Actors.Trust;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Dns;
using MailServer.Domain.Health;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Domain.Reports;
using MailServer.Domain.TransportSecurity;
using MailServer.Network.Outbound;
using MailServer.Protocol.Imap;
using MailServer.Protocol.Smtp.SenderRewriting;
using MailServer.Protocol.TransportSecurity;
using MailServer.Storage.Health;
using MailServer.Storage.MailboxIndex;
using MailServer.Storage.Spool;
using MailServer.Storage.Journal;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors;

/// <summary>The dependencies of a node's actors. The executable composes them once, at start.</summary>
public sealed record NodeServices : IMailboxNode, ICollectionNode, IQueueNode, IDeliveryNode, IReportNode, ISessionNode, IHistoryNode
{
    public required string Hostname { get; init; }

    /// <summary>Name and version, for the IMAP ID command.</summary>
    public required IReadOnlyList<string> ServerId { get; init; }

    /// <summary>IMAP capabilities that are not offered.</summary>
    public DisabledCapabilities DisabledImapCapabilities { get; init; } = new();

    /// <summary>The annotations of the server, for IMAP METADATA.</summary>
    public IReadOnlyList<Annotation> ServerAnnotations { get; init; } = [];

    public required bool RequireTls { get; init; }

    public required Limits Limits { get; init; }

    /// <summary>The file of the history; null: none is kept.</summary>
    public string? HistoryPath { get; init; }

    /// <summary>Conditions that an administrator must repair, as reported by storage and actors.</summary>
    public NodeProblems Problems { get; init; } = new();

    /// <summary>Reports damaged stores to <see cref="Problems"/>.</summary>
    public StoreProblems Stores { get; init; } = StoreProblems.Discarding;

    /// <summary>Bounds the account databases that are open.</summary>
    public OpenStores OpenStores { get; init; } = OpenStores.Unlimited;

    public required TimeProvider Time { get; init; }

    public required IDirectory Directory { get; init; }

    public required Authenticator Authenticator { get; init; }

    /// <summary>Receives what users change.</summary>
    public IAuditLog Audit { get; init; } = NullAuditLog.Instance;

    /// <summary>Limits the sign-ins of <see cref="Authenticator"/>.</summary>
    public LoginGuard Guard { get; init; } = LoginGuard.Off;

    public required MessageSpool Spool { get; init; }

    public required IMessageParser Format { get; init; }

    /// <summary>The queue's journal file; null when the nodes share a journal in PostgreSQL.</summary>
    public required JournalFile? Journal { get; init; }

    /// <summary>The directory that contains one Maildir per account.</summary>
    public required string MaildirDirectory { get; init; }

    public required string SpoolDirectory { get; init; }

    public required OutboundOptions Outbound { get; init; }

    public required IDnsLookup Dns { get; init; }

    public required OutboundConnector Connector { get; init; }

    /// <summary>MTA-STS policies of recipient domains.</summary>
    public IMtaStsResolver MtaSts { get; init; } = DisabledMtaSts.Instance;

    /// <summary>Null: no TLSA lookups.</summary>
    public DaneLookup? Dane { get; init; }

    public required OutboundSigner? Signer { get; init; }

    /// <summary>Null: incoming mail is not checked.</summary>
    public required MessageVerifier? Verifier { get; init; }

    public required MessageTrace Trace { get; init; }

    /// <summary>The destinations to which nothing is sent for now.</summary>
    public QueuePauses Pauses { get; init; } = QueuePauses.InMemory();

    /// <summary>The administrator's scripts, and what the scripts of all accounts share.</summary>
    public ServerScripts Scripts { get; init; } = new(ServerScripts.DefaultSendsPerHour);

    /// <summary>Fills the text indexes of mailboxes; null: there are none.</summary>
    public IndexingThread? Indexing { get; init; }

    /// <summary>Collects observations for DMARC and TLS reports.</summary>
    public IObservationRecorder Reports { get; init; } = NullObservationRecorder.Instance;

    /// <summary>Null: no push notifications for changed collections.</summary>
    public required PushServices? Push { get; init; }

    /// <summary>Null: forwarded mail keeps its original envelope sender.</summary>
    public SenderRewriter? Rewriter { get; init; }

    /// <summary>Null: no block lists, greylisting or rate limits.</summary>
    public AdmissionControl? Admission { get; init; }

    /// <summary>Sending and receiving DMARC and TLS reports; null: neither.</summary>
    public ReportSettings? Reporting { get; init; }

    /// <summary>Null: this node is not part of a cluster.</summary>
    public ClusterServices? Cluster { get; init; }

    public required ILoggerFactory Loggers { get; init; }
}
