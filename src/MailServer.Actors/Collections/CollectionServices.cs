using Akka.Actor;
using MailServer.Domain;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Collections;

/// <summary>What the collections of a node share.</summary>
internal sealed record CollectionServices
{
    public required string MaildirDirectory { get; init; }

    public required Limits Limits { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Who tells subscribers of changes; null: nobody.</summary>
    public required IActorRef? Push { get; init; }

    public required ILoggerFactory Loggers { get; init; }
}
