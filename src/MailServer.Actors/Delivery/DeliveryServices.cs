using Akka.Actor;
using MailServer.Actors.Submission;
using MailServer.Actors.Tracing;
using MailServer.Actors.Trust;
using MailServer.Domain;
using MailServer.Domain.Reports;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Delivery;

/// <summary>Dependencies shared by the delivery workers of a node.</summary>
internal sealed record DeliveryServices
{
    public required string Hostname { get; init; }

    public required Limits Limits { get; init; }

    public required TimeProvider Time { get; init; }

    public required AddressPolicy Addresses { get; init; }

    /// <summary>Removes forged Authentication-Results that claim this server's name.</summary>
    public required ForgedResultsFilter ForgedResults { get; init; }

    public required MessageSpool Spool { get; init; }

    public required IActorRef Mailboxes { get; init; }

    /// <summary>Takes mail for other hosts.</summary>
    public required IActorRef Queue { get; init; }

    /// <summary>The workers' own router, for the notices that they create.</summary>
    public required ICanTell Router { get; init; }

    /// <summary>Null: outbound mail is not signed.</summary>
    public required OutboundSigner? Signer { get; init; }

    /// <summary>Null: incoming mail is not checked.</summary>
    public required MessageVerifier? Verifier { get; init; }

    public required ForwardingRewriter Forwarding { get; init; }

    /// <summary>The address books, for scripts; null in tests of other things.</summary>
    public ContactAddresses? Contacts { get; init; }

    /// <summary>Null: no limits on outgoing mail.</summary>
    public required AdmissionControl? Admission { get; init; }

    /// <summary>Collects observations for DMARC and TLS reports.</summary>
    public required IObservationRecorder Reports { get; init; }

    /// <summary>Records the history of each message.</summary>
    public required MessageTrace Trace { get; init; }

    /// <summary>Readers of delivered messages.</summary>
    public required IReadOnlyList<IDeliveredMessageHandler> Readers { get; init; }

    public required ILoggerFactory Loggers { get; init; }
}
