using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors.Cluster;

namespace MailServer.Actors.Certificates;

/// <summary>Registers the certificate actor: on this node, or as a cluster singleton.</summary>
public static class CertificateNode
{
    public static AkkaConfigurationBuilder AddCertificates(this AkkaConfigurationBuilder builder, CertificateServices services, ClusterServices? cluster)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithActors((system, registry) => registry.Register<CertificateActor>(
            cluster is null ? system.ActorOf(CertificateActor.Props(services), CertificateDoorActor.Name) : OneForAll(system, services)));
    }

    private static IActorRef OneForAll(ActorSystem system, CertificateServices services)
    {
        var owner = ClusterSingletons.Start(system, CertificateDoorActor.Name, CertificateActor.Props(services with { Issued = name => TellAll(system, name) }), services.Loggers);
        var door = system.ActorOf(CertificateDoorActor.Props(services, owner), CertificateDoorActor.Name);
        services.Challenges?.Connect(system, door);
        return door;
    }

    private static void TellAll(ActorSystem system, string name)
    {
        foreach (var (_, node) in ClusterPeers.Of(system, CertificateDoorActor.Name, ActorRefs.Nobody)) node.Tell(new CertificateProtocol.Issued(name), ActorRefs.NoSender);
    }
}
