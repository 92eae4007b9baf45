using Akka.Hosting;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Cluster;

/// <summary>Starts the actors that join and monitor the cluster.</summary>
internal static class ClusterActorRegistration
{
    /// <summary>Does nothing without a cluster.</summary>
    public static AkkaConfigurationBuilder AddClusterActors(this AkkaConfigurationBuilder builder, IClusterNode node) =>
        node.Cluster is not { } cluster ? builder : builder.WithActors((system, _) =>
        {
            system.ActorOf(ClusterMonitorActor.Props(cluster.Node, node.Time, node.Loggers.CreateLogger<ClusterMonitorActor>()), ClusterMonitorActor.Name);
            system.ActorOf(MembershipActor.Props(cluster.CurrentCluster, cluster.Seeds, node.Problems, node.Time, node.Loggers.CreateLogger<MembershipActor>()), MembershipActor.Name);
        });
}
