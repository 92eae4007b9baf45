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

/// <summary>Couples the life of the process to its actor system, and determines the exit code.</summary>
internal sealed partial class NodeLifetime
{
    // The time of the failure detector plus the margin before the other nodes take over.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(8);

    private readonly ILogger _log;
    private CoordinatedShutdown? _shutdown;
    private bool _stopAsked;

    private NodeLifetime(ILogger log) => _log = log;

    /// <summary>The exit code of the process. Valid after the host has stopped.</summary>
    public int ExitCode
    {
        get
        {
            var code = NodeExitCode.From(_stopAsked, _shutdown?.ShutdownReason);
            if (code == ExitCodes.Restart) LogUnasked(_shutdown?.ShutdownReason?.GetType().Name ?? "unknown");
            return code;
        }
    }

    public static NodeLifetime Watch(WebApplication app, MailServerOptions options, Node node)
    {
        var life = new NodeLifetime(node.Logger);
        app.Lifetime.ApplicationStopping.Register(() => life.OnStopping(app.Services.GetRequiredService<ActorSystem>()));
        if (!options.Cluster.Enabled) return life;
        var guard = PauseGuard.Start(LongestPause, node.Logger);
        app.Lifetime.ApplicationStopped.Register(guard.Dispose);
        app.Lifetime.ApplicationStarted.Register(() => DrainFirst(app.Services.GetRequiredService<ActorSystem>(), app.Services.GetRequiredService<ActorRegistry>().Get<SessionRegistryActor>()));
        return life;
    }

    /// <summary>Records whether a stop request came first. An actor system that terminates on its own also stops the host, and has a shutdown reason by then.</summary>
    private void OnStopping(ActorSystem system)
    {
        _shutdown = CoordinatedShutdown.Get(system);
        _stopAsked = _shutdown.ShutdownReason is null && !system.WhenTerminated.IsCompleted;
    }

    /// <summary>Ends the sessions first: their running commands need the mailboxes, which are handed over afterwards.</summary>
    private static void DrainFirst(ActorSystem system, IActorRef sessions) => CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceUnbind, "sessions", async () =>
    {
        await sessions.Ask<SessionProtocol.Drained>(new SessionProtocol.Drain("the server is stopping"), Drain).ContinueWith(static _ => { }, TaskScheduler.Default);
        return Done.Instance;
    });

    [LoggerMessage(Level = LogLevel.Critical, Message = "Node is stopping without a stop request ({Reason}); it should be restarted")]
    private partial void LogUnasked(string reason);
}
