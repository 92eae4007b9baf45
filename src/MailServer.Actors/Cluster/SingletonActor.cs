using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Domain.Timing;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Cluster;

/// <summary>
/// The home of something of which the cluster has one. Tells that it is here, and makes it again, a moment later, when it could not begin or failed: the
/// node that had it before may still be ending.
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
        Context.System.EventStream.Publish(new ClusterHappening(ClusterEventKind.Singleton, null, $"{name}: done on this node from now on"));
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

    [LoggerMessage(Level = LogLevel.Information, Message = "This node now does what one of the nodes does: {Name}")]
    private partial void LogHere(string name);

    [LoggerMessage(Level = LogLevel.Information, Message = "This node no longer does {Name}")]
    private partial void LogGone(string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Name} has ended and begins anew")]
    private partial void LogFailed(string name);

    private sealed class Again
    {
        public static Again Instance { get; } = new();
    }
}
