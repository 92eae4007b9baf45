using MailServer.Actors.Cluster;
using MailServer.Actors.Submission;
using MailServer.Actors.Tracing;
using MailServer.Domain.Dns;
using MailServer.Domain.Reports;
using MailServer.Domain.TransportSecurity;
using MailServer.Network.Outbound;
using MailServer.Protocol.TransportSecurity;
using MailServer.Storage.Sqlite;

namespace MailServer.Actors.Queue;

/// <summary>What the outbound queue needs of its node.</summary>
internal interface IQueueNode : IClusterNode
{
    OutboundOptions Outbound { get; }

    IDnsLookup Dns { get; }

    OutboundConnector Connector { get; }

    /// <summary>MTA-STS policies of the domains that mail goes to.</summary>
    IMtaStsResolver MtaSts { get; }

    /// <summary>Null: TLSA records are not looked for.</summary>
    DaneLookup? Dane { get; }

    /// <summary>Where is noted how TLS went.</summary>
    IObservationRecorder Reports { get; }

    /// <summary>Null: outbound mail is not signed.</summary>
    OutboundSigner? Signer { get; }

    /// <summary>The file of the journal; null: nodes share one in PostgreSQL.</summary>
    JournalFile? Journal { get; }

    MessageTrace Trace { get; }
}
