using Akka.Actor;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Dns;
using MailServer.Storage.Health;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Reports;

/// <summary>What the reports actor and its senders share.</summary>
internal sealed record ReportServices
{
    public required ReportSettings Settings { get; init; }

    public required string Hostname { get; init; }

    public required Limits Limits { get; init; }

    /// <summary>Where damage of the store is reported.</summary>
    public StoreProblems Stores { get; init; } = StoreProblems.Unheard;

    public required TimeProvider Time { get; init; }

    public required IDirectory Directory { get; init; }

    public required IDnsLookup Dns { get; init; }

    public required Spool Spool { get; init; }

    /// <summary>Where our reports enter, like any other message.</summary>
    public required ICanTell Router { get; init; }

    public required ReportIntake Intake { get; init; }

    /// <summary>The store lies where several nodes see it.</summary>
    public bool IsShared { get; init; }

    public required ILoggerFactory Loggers { get; init; }

    public ReportOptions Options => Settings.Options;
}
