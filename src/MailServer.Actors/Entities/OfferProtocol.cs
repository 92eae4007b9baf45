using Akka.Actor;

namespace MailServer.Actors.Entities;

/// <summary>
/// How a request reaches an actor of a cluster, which may be moving to another node: the region offers the request until the actor's inbox confirms it. A
/// request that must not be executed twice waits in the inbox until the region grants it, and the region grants it to one actor only.
/// </summary>
internal static class OfferProtocol
{
    /// <summary>
    /// Offers <paramref name="Request"/>, which came back <paramref name="Returns"/> times, on behalf of the message's sender. Answered with <see cref="Received"/>
    /// by the inbox.
    /// </summary>
    public sealed record Offer(long Id, bool NeedsGrant, int Returns, IActorRef Region, object Request) : INoSerializationVerificationNeeded;

    /// <summary>The request is in the sender's inbox.</summary>
    public sealed record Received(long Id);

    /// <summary>The receiver of the offer may execute the request. Answered with <see cref="Begun"/>.</summary>
    public sealed record Grant(long Id);

    /// <summary>The sender executes the granted request, and will answer it.</summary>
    public sealed record Begun(long Id);

    /// <summary>The receiver must not execute the request: it was refused, or granted to another actor.</summary>
    public sealed record Withdrawn(long Id);

    /// <summary><paramref name="Entity"/> stopped before it executed the request of the message's sender, for the <paramref name="Returns"/>th time.</summary>
    public sealed record Returned(long Id, int Returns, IActorRef Entity, object Request) : INoSerializationVerificationNeeded;

    /// <summary>The sender no longer waits for its requests, which must not be executed any more.</summary>
    public sealed record Abandoned : INoSerializationVerificationNeeded
    {
        public static Abandoned Instance { get; } = new();
    }

    /// <summary>Reminds the region of offers that were not confirmed.</summary>
    public sealed record OfferTick : INoSerializationVerificationNeeded
    {
        public static OfferTick Instance { get; } = new();
    }
}
