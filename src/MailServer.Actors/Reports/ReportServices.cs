using Akka.Actor;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Dns;
using MailServer.Storage.Health;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Reports;

/// <summary>Dependencies shared by the reports actor and its senders.</summary>
internal sealed record ReportServices
{
    public required ReportSettings Settings { get; init; }

    public required string Hostname { get; init; }

    public required Limits Limits { get; init; }

    /// <summary>Reports damage of the database.</summary>
    public StoreProblems Stores { get; init; } = StoreProblems.Discarding;

    public required TimeProvider Time { get; init; }

    public required IDirectory Directory { get; init; }

    public required IDnsLookup Dns { get; init; }

    public required MessageSpool Spool { get; init; }

    /// <summary>The router, which delivers our reports like any other message.</summary>
    public required ICanTell Router { get; init; }

    public required ReportIntake Intake { get; init; }

    /// <summary>True when the database is in a folder shared by several nodes.</summary>
    public bool IsShared { get; init; }

    public required ILoggerFactory Loggers { get; init; }

    public ReportOptions Options => Settings.Options;
}
