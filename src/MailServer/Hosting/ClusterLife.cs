using Akka;
using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors.Sessions;
using MailServer.Commands;
using MailServer.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>Ends the process of a node that the others have removed.</summary>
internal static partial class ClusterLife
{
    // What the failure detector takes and what the others wait then: after that they may have gone on.
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(8);

    public static void Watch(WebApplication app, MailServerOptions options, Node node)
    {
        if (!options.Cluster.Enabled) return;
        var guard = PauseGuard.Start(s_longestPause, node.Logger);
        app.Lifetime.ApplicationStopped.Register(guard.Dispose);
        app.Lifetime.ApplicationStarted.Register(() => _ = EndWithClusterAsync(app, node.Logger));
    }

    /// <summary>Whoever is told to leave ends well; whoever was removed is to be started anew.</summary>
    private static async Task EndWithClusterAsync(WebApplication app, ILogger log)
    {
        var system = app.Services.GetRequiredService<ActorSystem>();
        var shutdown = CoordinatedShutdown.Get(system);
        var sessions = app.Services.GetRequiredService<ActorRegistry>().Get<SessionRegistryActor>();
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "sessions", async () =>
        {
            // The connections first: what they have under way needs the mailboxes that are then handed over.
            await sessions.Ask<SessionProtocol.Drained>(new SessionProtocol.Drain("the server is stopping"), s_drain).ContinueWith(static _ => { }, TaskScheduler.Default);
            return Done.Instance;
        });
        await system.WhenTerminated;
        if (app.Lifetime.ApplicationStopping.IsCancellationRequested) return;
        if (shutdown.ShutdownReason is not CoordinatedShutdown.ClusterLeavingReason)
        {
            LogRemoved(log);
            Environment.ExitCode = ExitCodes.Removed;
        }

        app.Lifetime.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The other nodes have removed this one from the cluster: it ends, to be started anew")]
    private static partial void LogRemoved(ILogger logger);
}
