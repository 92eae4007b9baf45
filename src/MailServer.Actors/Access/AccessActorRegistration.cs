using Akka.Hosting;

namespace MailServer.Actors.Access;

/// <summary>Starts the actor that counts sign-ins together with the other nodes.</summary>
internal static class AccessActorRegistration
{
    /// <summary>Does nothing without a cluster.</summary>
    public static AkkaConfigurationBuilder AddSignInSharing(this AkkaConfigurationBuilder builder, LoginGuard guard, bool isClustered) =>
        isClustered ? builder.WithActors((system, _) => system.ActorOf(SignInSharingActor.Props(guard), SignInSharingActor.Name)) : builder;
}
