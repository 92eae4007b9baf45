using MailServer.Actors.Authentication;
using MailServer.Actors.Cluster;
using MailServer.Actors.Collections;
using MailServer.Actors.Delivery;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Queue;
using MailServer.Actors.Reports;
using MailServer.Actors.Sessions;
using MailServer.Actors.Submission;
using MailServer.Actors.Tracing;
using MailServer.Actors.Trust;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Dns;
using MailServer.Domain.Health;
using MailServer.Domain.Messages;
using MailServer.Domain.Reports;
using MailServer.Domain.TransportSecurity;
using MailServer.Network.Outbound;
using MailServer.Protocol.Smtp.SenderRewriting;
using MailServer.Protocol.TransportSecurity;
using MailServer.Storage.Health;
using MailServer.Storage.Spool;
using MailServer.Storage.Sqlite;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors;

/// <summary>What the actors of a node are made of; composed once, at start, by the executable.</summary>
public sealed record NodeServices : IMailboxNode, ICollectionNode, IQueueNode, IDeliveryNode, IReportNode, ISessionNode
{
    public required string Hostname { get; init; }

    /// <summary>Name and version, for clients that ask.</summary>
    public required IReadOnlyList<string> ServerId { get; init; }

    public required bool RequireTls { get; init; }

    public required Limits Limits { get; init; }

    /// <summary>Where storage and actors report what an administrator must repair.</summary>
    public NodeProblems Problems { get; init; } = new();

    /// <summary>Where stores report damage to <see cref="Problems"/>.</summary>
    public StoreProblems Stores { get; init; } = StoreProblems.Unheard;

    public required TimeProvider Time { get; init; }

    public required IDirectory Directory { get; init; }

    public required Authenticator Authenticator { get; init; }

    public required Spool Spool { get; init; }

    public required IMessageFormat Format { get; init; }

    /// <summary>The file of the queue's journal; null: nodes share one in PostgreSQL.</summary>
    public required JournalFile? Journal { get; init; }

    /// <summary>The directory with one Maildir an account.</summary>
    public required string MaildirDirectory { get; init; }

    public required string SpoolDirectory { get; init; }

    public required OutboundOptions Outbound { get; init; }

    public required IDnsLookup Dns { get; init; }

    public required OutboundConnector Connector { get; init; }

    /// <summary>MTA-STS policies of the domains that mail goes to.</summary>
    public IMtaStsPolicies MtaSts { get; init; } = NoMtaSts.Instance;

    /// <summary>Null: TLSA records are not looked for.</summary>
    public DaneLookup? Dane { get; init; }

    public required OutboundSigner? Signer { get; init; }

    /// <summary>Null: incoming mail is not checked.</summary>
    public required MessageVerifier? Verifier { get; init; }

    public required MessageTrace Trace { get; init; }

    /// <summary>Where is noted what domain owners asked to be told about.</summary>
    public IReportLog Reports { get; init; } = NoReports.Instance;

    /// <summary>Null: nobody is told of changes to collections.</summary>
    public required PushServices? Push { get; init; }

    /// <summary>Null: mail from outside that an alias hands on keeps its sender.</summary>
    public SenderRewriter? Rewriter { get; init; }

    /// <summary>Null: no block lists, greylisting or limits.</summary>
    public Admission? Admission { get; init; }

    /// <summary>What becomes of those notes, and of the reports of others; null: nothing.</summary>
    public ReportSettings? Reporting { get; init; }

    /// <summary>Null: this node is the only one.</summary>
    public ClusterServices? Cluster { get; init; }

    public required ILoggerFactory Loggers { get; init; }
}
