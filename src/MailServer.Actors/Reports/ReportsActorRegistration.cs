using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors.Cluster;
using MailServer.Actors.Submission;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Reports;

/// <summary>Starts collecting, sending and receiving reports.</summary>
internal static class ReportsActorRegistration
{
    /// <summary>Adds the handler that recognises reports in delivered mail to <paramref name="readers"/>; call it before the delivery router starts.</summary>
    public static AkkaConfigurationBuilder AddReports(this AkkaConfigurationBuilder builder, IReportNode node, ICollection<IDeliveredMessageHandler> readers) =>
        node.Reporting is not { } settings ? builder : builder.WithActors((system, registry) =>
        {
            var intake = new ReportIntake(settings.Options, node.Limits, system.ActorSelection(ReportsActor.Path), node.Loggers.CreateLogger<ReportIntake>());
            var services = ServicesOf(node, settings, intake, system.ActorSelection(DeliveryProtocol.Entrance));
            var props = node.Cluster is null ? ReportsActor.Props(services) : OneForAll(system, services);
            registry.Register<ReportsActor>(system.ActorOf(props, ReportsActor.Name));
            readers.Add(intake);
        });

    private static ReportServices ServicesOf(IReportNode node, ReportSettings settings, ReportIntake intake, ICanTell router) => new()
    {
        Settings = settings,
        Hostname = node.Hostname,
        Limits = node.Limits,
        Time = node.Time,
        Directory = node.Directory,
        Stores = node.Stores,
        Dns = node.Dns,
        Spool = node.Spool,
        Router = router,
        Intake = intake,
        Loggers = node.Loggers,
    };

    /// <summary>Starts the cluster singleton and returns this node's proxy to it. The singleton collects no observations itself: the nodes send theirs to it.</summary>
    private static Props OneForAll(ActorSystem system, ReportServices services)
    {
        var nothing = services.Settings with { Log = new ReportLog(services.Options, services.Limits) };
        var owner = ClusterSingletons.Start(system, ReportsActor.Name, ReportsActor.Props(services with { Settings = nothing, IsShared = true }), services.Loggers);
        return ReportsProxyActor.Props(services.Settings.Log, services.Intake, owner, services.Loggers.CreateLogger<ReportsActor>());
    }
}
