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

/// <summary>Dependencies shared by the collections actors of a node.</summary>
internal sealed record CollectionServices
{
    public required string MaildirDirectory { get; init; }

    public required Limits Limits { get; init; }

    /// <summary>Reports damaged databases.</summary>
    public StoreProblems Stores { get; init; } = StoreProblems.Discarding;

    public OpenStores OpenStores { get; init; } = OpenStores.Unlimited;

    public required TimeProvider Time { get; init; }

    /// <summary>Conditions that an administrator must repair.</summary>
    public NodeProblems Problems { get; init; } = new();

    /// <summary>Sends push notifications; null: none.</summary>
    public required IActorRef? Push { get; init; }

    public required string Hostname { get; init; }

    public required IDirectory Directory { get; init; }

    public required MessageSpool Spool { get; init; }

    /// <summary>Delivers mail sent by calendars.</summary>
    public required ICanTell Router { get; init; }

    /// <summary>Creates the actor that carries a scheduling message of an account to its recipient.</summary>
    public required Func<AccountId, SchedulingMessage, CollectionServices, Props> Carrier { get; init; }

    /// <summary>The collections of all accounts.</summary>
    public required ICanTell Region { get; init; }

    public EntityHost Home { get; init; } = EntityHost.Local;

    public required ILoggerFactory Loggers { get; init; }
}
