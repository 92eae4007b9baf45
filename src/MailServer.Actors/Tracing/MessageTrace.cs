using System.Threading.Channels;
using MailServer.Domain;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Domain.Timing;
using MailServer.Storage.Tracing;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Tracing;

/// <summary>
/// Records the history of messages for <c>queue trace</c> without delaying delivery: steps go into a bounded channel and are written ten times a second.
/// Steps that do not fit are dropped, and a crash loses the last tenth of a second.
/// </summary>
public sealed partial class MessageTrace : IDisposable
{
    private const int Waiting = 50_000;
    private const int Batch = 5_000;

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PruneEvery = TimeSpan.FromMinutes(10);

    private readonly Channel<TraceStep> _steps = Channel.CreateBounded<TraceStep>(new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _storeLock = new();
    private readonly TraceStore _store;
    private readonly TimeProvider _time;
    private readonly Limits _limits;
    private readonly ILogger _log;
    private readonly BackoffRunner _writing;
    private bool _isDisposed;

    public MessageTrace(TraceStore store, TimeProvider time, Limits limits, ILogger<MessageTrace> log)
    {
        (_store, _time, _limits, _log) = (store, time, limits, log);
        _writing = new BackoffRunner(new ExponentialBackoff(FirstPause, LongestPause), (e, _) => LogFailed(e), time);
        _ = Task.Run(() => WriteAsync(_stop.Token));
    }

    public void Add(SpoolId message, string recipient, string what, string? messageId = null) =>
        _steps.Writer.TryWrite(new TraceStep(message, messageId, _time.GetUtcNow(), recipient, what));

    public void Add(IEnumerable<TraceStep> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        foreach (var step in steps) _steps.Writer.TryWrite(step);
    }

    /// <summary>All steps of the messages with this spool id or Message-ID.</summary>
    public IReadOnlyList<MessageTraceRecord> Find(string id)
    {
        lock (_storeLock)
        {
            WriteWaiting();
            return _store.Find(id);
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        lock (_storeLock)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            WriteWaiting();
            _store.Dispose();
        }

        _stop.Dispose();
    }

    private async Task WriteAsync(CancellationToken stop)
    {
        var pruned = 0L;
        while (!stop.IsCancellationRequested && await _steps.Reader.WaitToReadAsync(stop))
        {
            await Task.Delay(Every, _time, stop);
            lock (_storeLock)
            {
                if (_isDisposed) return;
                WriteWaiting();
                if (pruned != 0 && _time.GetElapsedTime(pruned) < PruneEvery) continue;
                pruned = _time.GetTimestamp();
                _writing.TryRun(() => _store.Prune(_time.GetUtcNow() - _limits.TraceRetention, _limits.TracedMessages));
            }
        }
    }

    private void WriteWaiting()
    {
        // While the disk fails, steps wait in the channel up to its capacity.
        if (_writing.IsPaused) return;
        var batch = new List<TraceStep>();
        while (_steps.Reader.TryRead(out var step))
        {
            batch.Add(step);
            if (batch.Count < Batch) continue;
            if (!_writing.TryRun(() => _store.Add(batch))) return;
            batch.Clear();
        }

        if (batch.Count > 0) _writing.TryRun(() => _store.Add(batch));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Trace steps could not be stored and will be missing in 'mailserver queue trace'")]
    private partial void LogFailed(Exception exception);
}
