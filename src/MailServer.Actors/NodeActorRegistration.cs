using Akka.Hosting;
using MailServer.Actors.Access;
using MailServer.Actors.Cluster;
using MailServer.Actors.Collections;
using MailServer.Actors.Delivery;
using MailServer.Actors.History;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Queue;
using MailServer.Actors.Reports;
using MailServer.Actors.Scheduling;
using MailServer.Actors.Sessions;
using MailServer.Actors.Submission;

namespace MailServer.Actors;

/// <summary>Registers the actors of one node: mailboxes first, then the actors that depend on them.</summary>
public static class NodeActorRegistration
{
    /// <summary>
    /// Starts the mailbox region, the outbound queue, the delivery router and the session registry. Listeners hand their connections to the registry.
    /// </summary>
    public static AkkaConfigurationBuilder AddMailServer(this AkkaConfigurationBuilder builder, NodeServices node)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(node);
        var regions = new AccountRegions(node);
        var readers = new List<IDeliveredMessageHandler>();
        // The actors start in this order.
        return builder
            .AddClusterActors(node)
            .AddSignInSharing(node.Guard, node.Cluster is not null)
            .AddMailboxes(node, regions)
            // The queue sends notices through the router, and the router queues mail for other hosts.
            .AddQueue(node)
            .AddHistory(node)
            // Calendars send mail, and incoming mail carries invitations.
            .AddCollections(node, regions, SchedulingMessageActor.Props)
            .AddReports(node, readers)
            .AddInvitations(readers)
            .AddDelivery(node, readers)
            .AddPendingScheduling(node)
            .AddSessions(node);
    }
}
