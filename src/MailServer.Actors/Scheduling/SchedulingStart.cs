using Akka.Hosting;
using MailServer.Actors.Collections;
using MailServer.Actors.Common;
using MailServer.Actors.Submission;

namespace MailServer.Actors.Scheduling;

/// <summary>Puts what brings invitations into calendars, and out of them, into the actor system.</summary>
internal static class SchedulingStart
{
    /// <summary>Adds who looks for invitations in delivered mail; after the collections, before the delivery router.</summary>
    public static AkkaConfigurationBuilder AddInvitations(this AkkaConfigurationBuilder builder, ICollection<IDeliveredMessageHandler> readers) =>
        builder.WithActors((_, registry) => readers.Add(new InvitationHandler(registry.Get<CollectionsActor>())));

    /// <summary>Wakes the calendars whose messages were not sent before the node stopped; after the delivery router.</summary>
    public static AkkaConfigurationBuilder AddPendingScheduling(this AkkaConfigurationBuilder builder, INode node) => builder.WithActors((system, registry) =>
        system.ActorOf(PendingSchedulingActor.Props(node.MaildirDirectory, registry.Get<CollectionsActor>()), "pending-scheduling"));
}
