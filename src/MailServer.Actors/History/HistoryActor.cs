using Akka.Actor;
using MailServer.Actors.Common;
using MailServer.Actors.Queue;
using MailServer.Domain.Measurements;
using MailServer.Domain.Timing;
using MailServer.Storage.Health;
using MailServer.Storage.History;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.History;

/// <summary>Owns <c>history.db</c>: each minute it stores what was measured on this node, and it answers requests for the points of a period.</summary>
internal sealed partial class HistoryActor : UntypedActor, IWithTimers
{
    public const string Name = "history";

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    private readonly HistorySettings _settings;
    private readonly HistoryRecorder _recorder = new();
    private readonly BackoffRunner _storing;
    private HistoryStore _store = null!;
    private HistoryValues _pending = HistoryValues.Zero;

    public HistoryActor(HistorySettings settings)
    {
        _settings = settings;
        _storing = new BackoffRunner(new ExponentialBackoff(Every, LongestPause), (e, _) => LogFailed(settings.Log, e), settings.Time);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(HistorySettings settings) => ActorFactory.Props(() => new HistoryActor(settings)).WithDispatcher("storage-dispatcher");

    protected override void PreStart()
    {
        _store = HistoryStore.Open(_settings.Path, _settings.Stores);
        Timers.StartPeriodicTimer(nameof(HistoryProtocol.Tick), HistoryProtocol.Tick.Instance, Every);
    }

    protected override void PostStop()
    {
        Store(0);
        _recorder.Dispose();
        _store.Dispose();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case HistoryProtocol.Tick:
                CountAsync(_settings.Queue).PipeTo(Self);
                break;
            case HistoryProtocol.QueueCounted counted:
                Store(counted.Messages);
                break;
            case HistoryProtocol.Read read:
                // What was measured in this minute belongs to the current point.
                Store(0);
                Sender.Tell(new HistoryProtocol.Points(_store.Read(read.Span, _settings.Time.GetUtcNow())));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>Parts of the queue that do not answer are not counted.</summary>
    private static async Task<HistoryProtocol.QueueCounted> CountAsync(IActorRef queue) => new((await QueueAdministration.SummarizeAsync(queue, CancellationToken.None)).Messages);

    private void Store(long queued)
    {
        _pending = _pending.Plus(_recorder.Take() with { Queued = queued });
        if (_pending != HistoryValues.Zero && _storing.TryRun(() => _store.Add(_settings.Time.GetUtcNow(), _pending))) _pending = HistoryValues.Zero;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The history could not be stored")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}

/// <summary>What the history actor needs of the node.</summary>
/// <param name="Path">The file of the history.</param>
/// <param name="Queue">The actor of the queue.</param>
/// <param name="Stores">Receives reports of damage.</param>
/// <param name="Time">The clock.</param>
/// <param name="Log">The log.</param>
internal sealed record HistorySettings(string Path, IActorRef Queue, StoreProblems Stores, TimeProvider Time, ILogger Log);
