using Akka.Hosting;
using MailServer.Actors.Collections;
using MailServer.Actors.Common;
using MailServer.Actors.Submission;

namespace MailServer.Actors.Scheduling;

/// <summary>Starts the exchange of invitations between calendars and mail.</summary>
internal static class SchedulingActorRegistration
{
    /// <summary>Adds the handler that finds invitations in delivered mail; call it after the collections and before the delivery router start.</summary>
    public static AkkaConfigurationBuilder AddInvitations(this AkkaConfigurationBuilder builder, ICollection<IDeliveredMessageHandler> readers) =>
        builder.WithActors((_, registry) => readers.Add(new InvitationHandler(registry.Get<CollectionsActor>())));

    /// <summary>Resumes scheduling messages that were pending when the node stopped; call it after the delivery router starts.</summary>
    public static AkkaConfigurationBuilder AddPendingScheduling(this AkkaConfigurationBuilder builder, INode node) => builder.WithActors((system, registry) =>
        system.ActorOf(PendingSchedulingActor.Props(node.MaildirDirectory, registry.Get<CollectionsActor>()), "pending-scheduling"));
}
