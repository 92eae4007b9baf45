using Akka.Actor;
using MailServer.Domain;
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

    public required Spool Spool { get; init; }

    public required IActorRef Mailboxes { get; init; }

    /// <summary>Null: mail for other hosts is not taken.</summary>
    public required RelayClient? Relay { get; init; }

    /// <summary>Null: outbound mail is not signed.</summary>
    public required OutboundSigner? Signer { get; init; }

    /// <summary>Null: incoming mail is not checked.</summary>
    public required MessageVerifier? Verifier { get; init; }

    public required ILoggerFactory Loggers { get; init; }
}
