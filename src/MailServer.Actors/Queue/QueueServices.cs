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
using MailServer.Storage.Spool;
using MailServer.Storage.Sqlite;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Queue;

/// <summary>How mail for other hosts leaves; composed by the executable.</summary>
public sealed record OutboundOptions
{
    /// <summary>The host that all of it is handed to; null: each domain's own mail exchangers.</summary>
    public required RelayHost? Relay { get; init; }

    /// <summary>Exceptions from that, by domain.</summary>
    public IReadOnlyList<OutboundRoute> Routes { get; init; } = [];

    /// <summary>Sign in at a relay host without TLS too.</summary>
    public bool RelayPlaintextAuth { get; init; }

    /// <summary>The port of mail exchangers: 25, but for tests.</summary>
    public int Port { get; init; } = 25;

    /// <summary>Which addresses of mail exchangers may be connected to; relay hosts are not asked for.</summary>
    public required AddressRule AddressRule { get; init; }

    public required TimeSpan ConnectTimeout { get; init; }

    public required TimeSpan CommandTimeout { get; init; }

    /// <summary>Nothing is sent in the clear. Otherwise TLS is used where it works (RFC 7435).</summary>
    public required bool RequireTls { get; init; }

    /// <summary>Where TLS is required of the relay host, its certificate must be valid for its name.</summary>
    public required bool VerifyTls { get; init; }

    public required RetrySchedule Schedule { get; init; }

    internal Destination DestinationOf(string domain)
    {
        var best = Routes.MaxBy(r => r.Fit(domain));
        var relay = best?.Fit(domain) > 0 ? best.Host : Relay;
        return relay is null ? new Destination(domain, null) : new Destination($"{relay.Credentials?.Login} at {relay.Host} port {relay.Port}", relay);
    }
}

/// <summary>What the queue of a node is made of.</summary>
internal sealed record QueueServices
{
    public required string Hostname { get; init; }

    public required Limits Limits { get; init; }

    public required TimeProvider Time { get; init; }

    public required OutboundOptions Options { get; init; }

    public required IDnsLookup Dns { get; init; }

    public required OutboundConnector Connector { get; init; }

    /// <summary>MTA-STS policies of the domains that mail goes to.</summary>
    public IMtaStsPolicies MtaSts { get; init; } = NoMtaSts.Instance;

    /// <summary>Null: TLSA records are not looked for.</summary>
    public DaneLookup? Dane { get; init; }

    /// <summary>Where is noted how TLS went.</summary>
    public IReportLog Reports { get; init; } = NoReports.Instance;

    public required Spool Spool { get; init; }

    /// <summary>The mailboxes of this node, for what they could not take at once.</summary>
    public required IActorRef Mailboxes { get; init; }

    /// <summary>Null: outbound mail is not signed.</summary>
    public required OutboundSigner? Signer { get; init; }

    /// <summary>Where notices enter, like any other message.</summary>
    public required ICanTell Router { get; init; }

    /// <summary>Messages, or what is left of them, that lay in the spool when the process started.</summary>
    public required IReadOnlyList<SpoolId> SpooledAtStart { get; init; }

    /// <summary>The file of the journal; null: nodes share one in PostgreSQL.</summary>
    public required JournalFile? Journal { get; init; }

    public required NodeProblems Problems { get; init; }

    /// <summary>Partitions are on the nodes of a cluster, and the spool is that of all nodes.</summary>
    public bool IsShared { get; init; }

    /// <summary>Where the story of each message is kept.</summary>
    public required MessageTrace Trace { get; init; }

    public required ILoggerFactory Loggers { get; init; }

    /// <summary>Bounds the connections of the node (<see cref="Limits.OutboundConnections"/>).</summary>
    public required SemaphoreSlim Slots { get; init; }
}
