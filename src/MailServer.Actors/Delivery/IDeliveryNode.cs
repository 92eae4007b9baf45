using MailServer.Actors.Common;
using MailServer.Actors.Submission;
using MailServer.Actors.Tracing;
using MailServer.Actors.Trust;
using MailServer.Domain.Reports;
using MailServer.Protocol.Smtp.SenderRewriting;

namespace MailServer.Actors.Delivery;

/// <summary>What the delivery router needs of its node.</summary>
internal interface IDeliveryNode : INode
{
    /// <summary>Null: outbound mail is not signed.</summary>
    OutboundSigner? Signer { get; }

    /// <summary>Null: incoming mail is not checked.</summary>
    MessageVerifier? Verifier { get; }

    /// <summary>Null: mail from outside that an alias hands on keeps its sender.</summary>
    SenderRewriter? Rewriter { get; }

    /// <summary>Null: no block lists, greylisting or limits.</summary>
    AdmissionControl? Admission { get; }

    /// <summary>Where is noted what domain owners asked to be told about.</summary>
    IObservationRecorder Reports { get; }

    MessageTrace Trace { get; }
}
