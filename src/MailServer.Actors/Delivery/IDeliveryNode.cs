using MailServer.Actors.Common;
using MailServer.Actors.Submission;
using MailServer.Actors.Tracing;
using MailServer.Actors.Trust;
using MailServer.Domain.Reports;
using MailServer.Protocol.Smtp.SenderRewriting;

namespace MailServer.Actors.Delivery;

/// <summary>The dependencies of the delivery router.</summary>
internal interface IDeliveryNode : INode
{
    /// <summary>Null: outbound mail is not signed.</summary>
    OutboundSigner? Signer { get; }

    /// <summary>Null: incoming mail is not checked.</summary>
    MessageVerifier? Verifier { get; }

    /// <summary>Null: forwarded mail keeps its envelope sender.</summary>
    SenderRewriter? Rewriter { get; }

    /// <summary>Null: no block lists, greylisting or limits.</summary>
    AdmissionControl? Admission { get; }

    /// <summary>Records observations for DMARC and TLS reports.</summary>
    IObservationRecorder Reports { get; }

    MessageTrace Trace { get; }
}
