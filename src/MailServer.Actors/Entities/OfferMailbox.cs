using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;

namespace MailServer.Actors.Entities;

/// <summary>The type of inbox that accepts offers, for the actors of a cluster's regions.</summary>
internal sealed class OfferMailbox(Settings settings, Config config) : MailboxType(settings, config), IProducesMessageQueue<OfferQueue>
{
    public const string Id = "offer-mailbox";

    /// <summary>Defines <see cref="Id"/> in the actor system's configuration.</summary>
    public static string Hocon { get; } = $$"""{{Id}}.mailbox-type = "{{typeof(OfferMailbox).AssemblyQualifiedName}}" """;

    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new OfferQueue(owner);
}
