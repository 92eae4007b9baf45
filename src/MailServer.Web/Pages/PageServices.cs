using MailServer.Actors;
using MailServer.Actors.Access;
using MailServer.Actors.Authentication;
using MailServer.Actors.Certificates;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Queue;
using MailServer.Actors.Reports;
using MailServer.Actors.Sessions;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Dns;
using MailServer.Web.Admin;
using MailServer.Web.Autoconfig;
using Microsoft.Extensions.Logging;

namespace MailServer.Web.Pages;

/// <summary>What the web page needs of the server.</summary>
public sealed record PageServices
{
    public required string Hostname { get; init; }

    public required PageAuthenticator SignIn { get; init; }

    public required IDirectory Directory { get; init; }

    public required IDirectoryAdministration Administration { get; init; }

    /// <summary>What to keep of a new password; null when it cannot be used. Slow on purpose.</summary>
    public required Func<string, StoredPassword?> Hash { get; init; }

    public required SessionAdministration Sessions { get; init; }

    public required MailboxAdministration Mailboxes { get; init; }

    public required QueueAdministration Queue { get; init; }

    public required ReportAdministration Reports { get; init; }

    public required CertificateAdministration Certificates { get; init; }

    /// <summary>Null: this node is the only one, and there is no page of them.</summary>
    public ClusterAdministration? Cluster { get; init; }

    public required DavAdministration Dav { get; init; }

    public required BanList Bans { get; init; }

    public required ClientSettings Clients { get; init; }

    public required ActivityRing Activity { get; init; }

    public required IAuditLog Audit { get; init; }

    /// <summary>The newest events, at most so many.</summary>
    public required Func<int, IReadOnlyList<AuditEvent>> ReadAudit { get; init; }

    /// <summary>The last warnings and errors of the log, newest first.</summary>
    public required Func<IReadOnlyList<LogLine>> Warnings { get; init; }

    public required Func<CancellationToken, Task<StatusDocument>> Status { get; init; }

    /// <summary>What a domain should publish.</summary>
    public required Func<string, IReadOnlyList<PublishedRecord>> Records { get; init; }

    /// <summary>And what it does.</summary>
    public required Func<string, CancellationToken, Task<IReadOnlyList<RecordState>>> CheckRecords { get; init; }

    public required Limits Limits { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }
}

/// <summary>A warning or an error.</summary>
public sealed record LogLine(DateTimeOffset At, string Level, string Source, string Text);

/// <summary>A record as it should be, and what was found. <paramref name="Verdict"/> is ok, missing, differs or unknown; empty when nobody looked.</summary>
public sealed record RecordState(PublishedRecord Expected, IReadOnlyList<string> Found, string Verdict);
