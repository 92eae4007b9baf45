using MailServer.Actors;
using MailServer.Actors.Access;
using MailServer.Actors.Authentication;
using MailServer.Actors.Certificates;
using MailServer.Actors.Filtering;
using MailServer.Actors.History;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Maintenance;
using MailServer.Actors.Queue;
using MailServer.Actors.Reports;
using MailServer.Actors.Sessions;
using MailServer.Actors.Submission;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Dns;
using MailServer.Domain.Health;
using MailServer.Domain.TransportSecurity;
using MailServer.Web.Admin;
using MailServer.Web.Autoconfig;
using Microsoft.Extensions.Logging;

namespace MailServer.Web.Pages;

/// <summary>The services of the node that the web interface uses.</summary>
public sealed record PageServices
{
    public required string Hostname { get; init; }

    public required PageAuthenticator SignIn { get; init; }

    public required IDirectory Directory { get; init; }

    public required IDirectoryAdministration Administration { get; init; }

    /// <summary>Hashes a new password; null if it cannot be used. Deliberately slow.</summary>
    public required Func<string, StoredPassword?> Hash { get; init; }

    /// <summary>Hashes a random password that nobody knows.</summary>
    public required Func<StoredPassword> HashUnknown { get; init; }

    public required SessionAdministration Sessions { get; init; }

    public required MailboxAdministration Mailboxes { get; init; }

    public required RuleAdministration Rules { get; init; }

    public required FolderRuns RuleRuns { get; init; }

    public required ForwardingAdministration Forwarding { get; init; }

    public required QueueAdministration Queue { get; init; }

    public required ReportAdministration Reports { get; init; }

    public required CertificateAdministration Certificates { get; init; }

    /// <summary>Null if clustering is not enabled; the cluster page then returns 404.</summary>
    public ClusterAdministration? Cluster { get; init; }

    public required DavAdministration Dav { get; init; }

    public required BanList Bans { get; init; }

    public required ClientSettings Clients { get; init; }

    public required ActivityHistory Activity { get; init; }

    public required IPageSessionStore StoredSessions { get; init; }

    public required IAuditLog Audit { get; init; }

    /// <summary>Finds the newest matching events of the audit log.</summary>
    public required Func<AuditFilter, AuditPage> ReadAudit { get; init; }

    /// <summary>Finds the newest matching lines of the log file.</summary>
    public required Func<LogFilter, LogLines> ReadLog { get; init; }

    /// <summary>Reads the newest events of an account from the audit log, up to a number, in chronological order.</summary>
    public required Func<string, int, IReadOnlyList<AuditEvent>> ReadAuditOf { get; init; }

    /// <summary>Returns the most recent warnings and errors of the log, newest first.</summary>
    public required Func<IReadOnlyList<LogEntry>> Warnings { get; init; }

    public required Func<CancellationToken, Task<StatusDocument>> Status { get; init; }

    /// <summary>The findings about this node.</summary>
    public required HealthReport Health { get; init; }

    /// <summary>Runs a check by name, or <c>all</c>; false if there is none.</summary>
    public required Func<string, CancellationToken, Task<bool>> RerunCheck { get; init; }

    /// <summary>The DNS records that a domain should publish.</summary>
    public required Func<string, CancellationToken, Task<IReadOnlyList<ZoneRecord>>> Records { get; init; }

    /// <summary>The mode of the MTA-STS policy of domains without their own.</summary>
    public required MtaStsMode MtaSts { get; init; }

    /// <summary>Compares these with the records in DNS.</summary>
    public required Func<string, CancellationToken, Task<IReadOnlyList<DnsRecordState>>> CheckRecords { get; init; }

    public required IDkimKeys Dkim { get; init; }

    public required BackupJobs Backups { get; init; }

    public required DeliveryTest DeliveryTest { get; init; }

    public required IAccountArchives Archives { get; init; }

    public required HistoryAdministration History { get; init; }

    public required Limits Limits { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }
}

/// <summary>A warning or error in the log.</summary>
public sealed record LogEntry(DateTimeOffset At, string Level, string Source, string Text);

/// <summary>An expected DNS record and the values found. <paramref name="Verdict"/> is ok, missing, differs or unknown; empty if DNS was not checked.</summary>
public sealed record DnsRecordState(ZoneRecord Expected, IReadOnlyList<string> Found, string Verdict);
