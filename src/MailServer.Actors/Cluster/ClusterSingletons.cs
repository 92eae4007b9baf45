using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Cluster;

/// <summary>Actors of which a cluster has one, on its oldest node; they move when that goes.</summary>
internal static class ClusterSingletons
{
    /// <summary>Starts what makes it, wherever it is to be, and answers the way to it.</summary>
    public static IActorRef Start(ActorSystem system, string name, Props props, ILoggerFactory loggers)
    {
        var home = SingletonActor.Props(name, props, loggers.CreateLogger<SingletonActor>());
        var manager = system.ActorOf(ClusterSingletonManager.Props(home, PoisonPill.Instance, ClusterSingletonManagerSettings.Create(system)), name + "-singleton");
        return system.ActorOf(ClusterSingletonProxy.Props(manager.Path.ToStringWithoutAddress(), ClusterSingletonProxySettings.Create(system)), name + "-proxy");
    }
}
