using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Cluster;

/// <summary>Starts cluster singletons: one actor in the cluster, on the oldest node, which moves when that node leaves.</summary>
internal static class ClusterSingletons
{
    /// <summary>Starts the singleton manager and returns a proxy to the singleton.</summary>
    public static IActorRef Start(ActorSystem system, string name, Props props, ILoggerFactory loggers)
    {
        var home = SingletonHostActor.Props(name, props, loggers.CreateLogger<SingletonHostActor>());
        var manager = system.ActorOf(ClusterSingletonManager.Props(home, PoisonPill.Instance, ClusterSingletonManagerSettings.Create(system)), name + "-singleton");
        return system.ActorOf(ClusterSingletonProxy.Props(manager.Path.ToStringWithoutAddress(), ClusterSingletonProxySettings.Create(system)), name + "-proxy");
    }
}
