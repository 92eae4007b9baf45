using Akka.Actor;
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

    public static void Watch(WebApplication app, MailServerOptions options, Node node)
    {
        if (!options.Cluster.Enabled) return;
        var guard = PauseGuard.Start(s_longestPause, node.Logger);
        app.Lifetime.ApplicationStopped.Register(guard.Dispose);
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            _ = app.Services.GetRequiredService<ActorSystem>().WhenTerminated.ContinueWith(
                _ =>
                {
                    if (app.Lifetime.ApplicationStopping.IsCancellationRequested) return;
                    LogRemoved(node.Logger);
                    Environment.ExitCode = ExitCodes.Removed;
                    app.Lifetime.StopApplication();
                },
                TaskScheduler.Default);
        });
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The other nodes have removed this one from the cluster: it ends, to be started anew")]
    private static partial void LogRemoved(ILogger logger);
}
