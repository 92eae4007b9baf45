using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors.Delivery;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Reports;

/// <summary>Starts what collects, sends and receives reports.</summary>
internal static class ReportsStart
{
    /// <summary>Answers who looks for reports among delivered mail.</summary>
    public static IReadOnlyList<IDeliveredMessageReader> Start(ActorSystem system, IActorRegistry registry, NodeServices node, ICanTell router)
    {
        if (node.Reporting is not { } settings) return [];
        var intake = new ReportIntake(settings.Options, node.Limits, system.ActorSelection(ReportsActor.Path), node.Loggers.CreateLogger<ReportIntake>());
        var services = new ReportServices
        {
            Settings = settings,
            Hostname = node.Hostname,
            Limits = node.Limits,
            Time = node.Time,
            Directory = node.Directory,
            Dns = node.Dns,
            Spool = node.Spool,
            Router = router,
            Intake = intake,
            Loggers = node.Loggers,
        };
        registry.Register<ReportsActor>(system.ActorOf(ReportsActor.Props(services), ReportsActor.Name));
        return [intake];
    }
}
