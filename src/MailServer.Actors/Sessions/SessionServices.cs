using Akka.Actor;
using MailServer.Actors.Authentication;
using MailServer.Actors.Delivery;
using MailServer.Actors.Trust;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Protocol.Imap;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Sessions;

/// <summary>Dependencies shared by the sessions of a node.</summary>
internal sealed record SessionServices
{
    public required string Hostname { get; init; }

    /// <summary>The reply to the IMAP ID command (RFC 2971): name and version.</summary>
    public required IReadOnlyList<string> ServerId { get; init; }

    /// <summary>IMAP capabilities that are not offered.</summary>
    public DisabledCapabilities DisabledImapCapabilities { get; init; } = new();

    /// <summary>Refuses authentication without TLS.</summary>
    public required bool RequireTls { get; init; }

    public required Limits Limits { get; init; }

    public required TimeProvider Time { get; init; }

    public required IDirectory Directory { get; init; }

    public required Authenticator Authenticator { get; init; }

    public required AddressPolicy Addresses { get; init; }

    public required QuotaGate Quotas { get; init; }

    /// <summary>Null: no block lists, greylisting or rate limits.</summary>
    public required AdmissionControl? Admission { get; init; }

    public required MessageSpool Spool { get; init; }

    /// <summary>Receives the changes of scripts.</summary>
    public IAuditLog Audit { get; init; } = NullAuditLog.Instance;

    public required IActorRef Mailboxes { get; init; }

    public required IActorRef Router { get; init; }

    public ClientNames ClientNames { get; } = new();

    public required ILoggerFactory Loggers { get; init; }
}
