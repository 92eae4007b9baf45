using Akka.Actor;
using MailServer.Actors.Submission;
using MailServer.Actors.Tracing;
using MailServer.Domain;
using MailServer.Domain.Delivery;
using MailServer.Domain.Dns;
using MailServer.Domain.Health;
using MailServer.Domain.Messages;
using MailServer.Domain.Reports;
using MailServer.Domain.TransportSecurity;
using MailServer.Network.Outbound;
using MailServer.Protocol.TransportSecurity;
using MailServer.Storage.Health;
using MailServer.Storage.Spool;
using MailServer.Storage.Journal;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Queue;

/// <summary>Settings for outgoing mail, composed by the executable.</summary>
public sealed record OutboundOptions
{
    /// <summary>The relay host for all mail; null: each domain's own mail exchangers.</summary>
    public required RelayHost? Relay { get; init; }

    /// <summary>Relay hosts for specific domains.</summary>
    public IReadOnlyList<OutboundRoute> Routes { get; init; } = [];

    /// <summary>Allows authentication at a relay host without TLS.</summary>
    public bool RelayPlaintextAuth { get; init; }

    /// <summary>The port of mail exchangers: 25, except in tests.</summary>
    public int Port { get; init; } = 25;

    /// <summary>Addresses of mail exchangers that may be connected to; relay hosts are not restricted.</summary>
    public required AddressRule AddressRule { get; init; }

    public required TimeSpan ConnectTimeout { get; init; }

    public required TimeSpan CommandTimeout { get; init; }

    /// <summary>Requires TLS. Otherwise TLS is used opportunistically (RFC 7435).</summary>
    public required bool RequireTls { get; init; }

    /// <summary>Verifies the relay host's certificate when TLS is required.</summary>
    public required bool VerifyTls { get; init; }

    public required RetrySchedule Schedule { get; init; }

    internal Destination DestinationOf(string domain)
    {
        var best = Routes.MaxBy(r => r.Fit(domain));
        var relay = best?.Fit(domain) > 0 ? best.Host : Relay;
        return relay is null ? new Destination(domain, null) : new Destination($"{relay.Credentials?.Login} at {relay.Host} port {relay.Port}", relay);
    }
}

/// <summary>Dependencies of a node's queue.</summary>
internal sealed record QueueServices
{
    public required string Hostname { get; init; }

    public required Limits Limits { get; init; }

    public required TimeProvider Time { get; init; }

    public required OutboundOptions Options { get; init; }

    public required IDnsLookup Dns { get; init; }

    public required OutboundConnector Connector { get; init; }

    /// <summary>MTA-STS policies of recipient domains.</summary>
    public IMtaStsResolver MtaSts { get; init; } = DisabledMtaSts.Instance;

    /// <summary>Null: no TLSA lookups.</summary>
    public DaneLookup? Dane { get; init; }

    /// <summary>Collects observations for TLS reports.</summary>
    public IObservationRecorder Reports { get; init; } = NullObservationRecorder.Instance;

    public required MessageSpool Spool { get; init; }

    /// <summary>The mailboxes, for messages that they could not accept at first.</summary>
    public required IActorRef Mailboxes { get; init; }

    /// <summary>Null: outbound mail is not signed.</summary>
    public required OutboundSigner? Signer { get; init; }

    /// <summary>The router, which delivers notices like any other message.</summary>
    public required ICanTell Router { get; init; }

    /// <summary>Messages and envelopes that were in the spool when the process started.</summary>
    public required IReadOnlyList<SpoolId> SpooledAtStart { get; init; }

    /// <summary>The journal file; null when the nodes share a journal in PostgreSQL.</summary>
    public required JournalFile? Journal { get; init; }

    public required NodeProblems Problems { get; init; }

    /// <summary>Reports damaged files.</summary>
    public required StoreProblems Stores { get; init; }

    public required UnreadableMessages Unreadable { get; init; }

    /// <summary>True in a cluster: partitions are distributed over the nodes, and all nodes share the spool.</summary>
    public bool IsShared { get; init; }

    /// <summary>Records the history of each message.</summary>
    public required MessageTrace Trace { get; init; }

    /// <summary>The destinations to which nothing is sent for now.</summary>
    public QueuePauses Pauses { get; init; } = QueuePauses.InMemory();

    public required ILoggerFactory Loggers { get; init; }

    public ILogger Log => field ??= Loggers.CreateLogger("MailServer.Actors.Queue.QueuedContent");

    /// <summary>The <see cref="ConnectionSlotsActor"/> of the node.</summary>
    public required IActorRef Connections { get; init; }
}
