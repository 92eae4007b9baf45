using Akka.Hosting;
using MailServer.Actors.Queue;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.History;

/// <summary>Starts the recording of the history.</summary>
internal static class HistoryActorRegistration
{
    /// <summary>Does nothing if the node has no file for it. Call it after the queue starts.</summary>
    public static AkkaConfigurationBuilder AddHistory(this AkkaConfigurationBuilder builder, IHistoryNode node) => node.HistoryPath is not { } path ? builder : builder.WithActors((system, registry) =>
    {
        var settings = new HistorySettings(path, registry.Get<QueueActor>(), node.Stores, node.Time, node.Loggers.CreateLogger<HistoryActor>());
        registry.Register<HistoryActor>(system.ActorOf(HistoryActor.Props(settings), HistoryActor.Name));
    });
}
