using MailServer.Actors.Cluster;
using MailServer.Actors.Submission;
using MailServer.Actors.Tracing;
using MailServer.Domain.Dns;
using MailServer.Domain.Reports;
using MailServer.Domain.TransportSecurity;
using MailServer.Network.Outbound;
using MailServer.Protocol.TransportSecurity;
using MailServer.Storage.Journal;

namespace MailServer.Actors.Queue;

/// <summary>The dependencies of the outbound queue.</summary>
internal interface IQueueNode : IClusterNode
{
    OutboundOptions Outbound { get; }

    IDnsLookup Dns { get; }

    OutboundConnector Connector { get; }

    /// <summary>MTA-STS policies of recipient domains.</summary>
    IMtaStsResolver MtaSts { get; }

    /// <summary>Null: DANE is disabled.</summary>
    DaneLookup? Dane { get; }

    /// <summary>Records the TLS results of connections.</summary>
    IObservationRecorder Reports { get; }

    /// <summary>Null: outbound mail is not signed.</summary>
    OutboundSigner? Signer { get; }

    /// <summary>The journal file; null: the nodes share a journal in PostgreSQL.</summary>
    JournalFile? Journal { get; }

    MessageTrace Trace { get; }

    /// <summary>The destinations to which nothing is sent for now.</summary>
    QueuePauses Pauses { get; }
}
