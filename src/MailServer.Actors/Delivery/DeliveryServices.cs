using Akka.Actor;
using MailServer.Actors.Submission;
using MailServer.Actors.Tracing;
using MailServer.Actors.Trust;
using MailServer.Domain;
using MailServer.Domain.Reports;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Delivery;

/// <summary>What the delivery workers of a node share.</summary>
internal sealed record DeliveryServices
{
    public required string Hostname { get; init; }

    public required Limits Limits { get; init; }

    public required TimeProvider Time { get; init; }

    public required AddressPolicy Addresses { get; init; }

    /// <summary>Removes what messages say in this server's name.</summary>
    public required OwnVoice OwnVoice { get; init; }

    public required Spool Spool { get; init; }

    public required IActorRef Mailboxes { get; init; }

    /// <summary>What goes to other hosts.</summary>
    public required IActorRef Queue { get; init; }

    /// <summary>The workers' own router, where their notices enter.</summary>
    public required ICanTell Router { get; init; }

    /// <summary>Null: outbound mail is not signed.</summary>
    public required OutboundSigner? Signer { get; init; }

    /// <summary>Null: incoming mail is not checked.</summary>
    public required MessageVerifier? Verifier { get; init; }

    public required Forwarding Forwarding { get; init; }

    /// <summary>Null: whoever may send may do so as fast as can be.</summary>
    public required Admission? Admission { get; init; }

    /// <summary>Where is noted what domain owners asked to be told about.</summary>
    public required IReportLog Reports { get; init; }

    /// <summary>Where the story of each message is kept.</summary>
    public required MessageTrace Trace { get; init; }

    /// <summary>Who looks at delivered messages.</summary>
    public required IReadOnlyList<IDeliveredMessageReader> Readers { get; init; }

    public required ILoggerFactory Loggers { get; init; }
}
