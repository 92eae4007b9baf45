using Akka;
using Akka.Actor;
using Akka.Hosting;
using MailServer.Actors.Sessions;
using MailServer.Common;
using MailServer.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>Ends the process with its actor system, and knows with which exit code.</summary>
internal sealed partial class ClusterLife
{
    // What the failure detector takes and what the others wait then: after that they may have gone on.
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(8);

    private readonly ILogger _log;
    private CoordinatedShutdown? _shutdown;
    private bool _stopAsked;

    private ClusterLife(ILogger log) => _log = log;

    /// <summary>The exit code of the process, once the host has ended.</summary>
    public int ExitCode
    {
        get
        {
            var code = NodeEnd.ExitCodeOf(_stopAsked, _shutdown?.ShutdownReason);
            if (code == ExitCodes.StartAgain) LogUnasked(_shutdown?.ShutdownReason?.GetType().Name ?? "unknown");
            return code;
        }
    }

    public static ClusterLife Watch(WebApplication app, MailServerOptions options, Node node)
    {
        var life = new ClusterLife(node.Logger);
        app.Lifetime.ApplicationStopping.Register(() => life.OnStopping(app.Services.GetRequiredService<ActorSystem>()));
        if (!options.Cluster.Enabled) return life;
        var guard = PauseGuard.Start(s_longestPause, node.Logger);
        app.Lifetime.ApplicationStopped.Register(guard.Dispose);
        app.Lifetime.ApplicationStarted.Register(() => DrainFirst(app.Services.GetRequiredService<ActorSystem>(), app.Services.GetRequiredService<ActorRegistry>().Get<SessionRegistryActor>()));
        return life;
    }

    /// <summary>An actor system that ends unasked stops the host too, by which time it has a reason.</summary>
    private void OnStopping(ActorSystem system)
    {
        _shutdown = CoordinatedShutdown.Get(system);
        _stopAsked = _shutdown.ShutdownReason is null && !system.WhenTerminated.IsCompleted;
    }

    /// <summary>The connections first: what they have under way needs the mailboxes that are then handed over.</summary>
    private static void DrainFirst(ActorSystem system, IActorRef sessions) => CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceUnbind, "sessions", async () =>
    {
        await sessions.Ask<SessionProtocol.Drained>(new SessionProtocol.Drain("the server is stopping"), s_drain).ContinueWith(static _ => { }, TaskScheduler.Default);
        return Done.Instance;
    });

    [LoggerMessage(Level = LogLevel.Critical, Message = "This node ends although nobody asked for it ({Reason}); it is to be started again")]
    private partial void LogUnasked(string reason);
}
