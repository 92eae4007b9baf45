using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Domain.Health;
using MailServer.Storage.Health;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Collections;

/// <summary>What the collections of a node share.</summary>
internal sealed record CollectionServices
{
    public required string MaildirDirectory { get; init; }

    public required Limits Limits { get; init; }

    /// <summary>Where damage is reported.</summary>
    public StoreProblems Stores { get; init; } = StoreProblems.Unheard;

    public required TimeProvider Time { get; init; }

    /// <summary>Where is reported what an administrator must repair.</summary>
    public NodeProblems Problems { get; init; } = new();

    /// <summary>Who tells subscribers of changes; null: nobody.</summary>
    public required IActorRef? Push { get; init; }

    public required string Hostname { get; init; }

    public required IDirectory Directory { get; init; }

    public required Spool Spool { get; init; }

    /// <summary>Where mail enters that calendars send.</summary>
    public required ICanTell Router { get; init; }

    /// <summary>The actor that carries a scheduling message of an account to its recipient.</summary>
    public required Func<AccountId, SchedulingMessage, CollectionServices, Props> Carrier { get; init; }

    /// <summary>The collections of the others.</summary>
    public required ICanTell Region { get; init; }

    public EntityHome Home { get; init; } = EntityHome.Local;

    public required ILoggerFactory Loggers { get; init; }
}
