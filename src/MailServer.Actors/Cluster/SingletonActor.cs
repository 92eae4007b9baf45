using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Domain.Timing;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Cluster;

/// <summary>
/// Hosts a cluster singleton. Logs that it runs here, and restarts it with exponential back-off when it could not start or failed: the node that ran it
/// before may still be shutting down.
/// </summary>
internal sealed partial class SingletonActor(string name, Props props, ILogger log) : UntypedActor, IWithTimers
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    private readonly BackOff _backOff = new(s_pause, s_longestPause);
    private IActorRef _one = ActorRefs.Nobody;
    private long _begunAt;

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(string name, Props props, ILogger log) => ActorFactory.Props(() => new SingletonActor(name, props, log));

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart()
    {
        LogHere(name);
        Context.System.EventStream.Publish(new ClusterHappening(ClusterEventKind.Singleton, null, $"{name} started on this node"));
        Begin();
    }

    protected override void PostStop() => LogGone(name);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Terminated:
                LogFailed(name);
                _one = ActorRefs.Nobody;
                if (TimeProvider.System.GetElapsedTime(_begunAt) > s_longestPause) _backOff.Reset();
                Timers.StartSingleTimer(nameof(Again), Again.Instance, _backOff.Next());
                break;
            case Again:
                Begin();
                break;
            default:
                _one.Forward(message);
                break;
        }
    }

    private void Begin()
    {
        _begunAt = TimeProvider.System.GetTimestamp();
        _one = Context.Watch(Context.ActorOf(props, name));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Singleton {Name} started on this node")]
    private partial void LogHere(string name);

    [LoggerMessage(Level = LogLevel.Information, Message = "Singleton {Name} stopped on this node")]
    private partial void LogGone(string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Singleton {Name} terminated and will be restarted")]
    private partial void LogFailed(string name);

    private sealed class Again
    {
        public static Again Instance { get; } = new();
    }
}
