using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Domain.Timing;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Cluster;

/// <summary>
/// Hosts a cluster singleton. Logs that it runs here, and restarts it with exponential back-off when it could not start or failed: the node that ran it
/// before may still be shutting down.
/// </summary>
internal sealed partial class SingletonHostActor(string name, Props props, ILogger log) : UntypedActor, IWithTimers
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly ExponentialBackoff _backOff = new(Pause, LongestPause);
    private IActorRef _one = ActorRefs.Nobody;
    private long _begunAt;

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(string name, Props props, ILogger log) => ActorFactory.Props(() => new SingletonHostActor(name, props, log));

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart()
    {
        LogHere(name);
        Context.System.EventStream.Publish(new LocalClusterEvent(ClusterEventKind.Singleton, null, $"{name} started on this node"));
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
                if (TimeProvider.System.GetElapsedTime(_begunAt) > LongestPause) _backOff.Reset();
                Timers.StartSingleTimer(nameof(RestartChild), RestartChild.Instance, _backOff.Next());
                break;
            case RestartChild:
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

    private sealed class RestartChild
    {
        public static RestartChild Instance { get; } = new();
    }
}
