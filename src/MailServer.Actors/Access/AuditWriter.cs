using System.Threading.Channels;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Timing;
using MailServer.Storage.Access;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Access;

/// <summary>Writes audit events in the background, many in one transaction, and removes old ones.</summary>
public sealed partial class AuditWriter : IAuditLog, IAsyncDisposable
{
    private const int MostAtOnce = 1_000;
    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly AccessStore _store;
    private readonly Limits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger<AuditWriter> _log;
    private readonly Channel<AuditEvent> _waiting;
    private readonly ExponentialBackoff _backOff = new(FirstPause, LongestPause);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _writing;
    private long? _prunedAt;
    private long _lost;

    public AuditWriter(AccessStore store, Limits limits, TimeProvider time, ILogger<AuditWriter> log)
    {
        ArgumentNullException.ThrowIfNull(limits);
        (_store, _limits, _time, _log) = (store, limits, time, log);
        _waiting = Channel.CreateBounded<AuditEvent>(new BoundedChannelOptions(limits.AuditBacklog) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
        _writing = Task.Run(WriteAsync);
    }

    public void Note(AuditEvent happened)
    {
        if (!_waiting.Writer.TryWrite(happened)) Interlocked.Increment(ref _lost);
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _stopping.CancelAsync();
        await _writing;
        _stopping.Dispose();
    }

    private async Task WriteAsync()
    {
        var batch = new List<AuditEvent>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            while (batch.Count < MostAtOnce && _waiting.Reader.TryRead(out var next)) batch.Add(next);
            // While the disk fails, later events wait in the channel up to its capacity; beyond that they are counted as lost.
            while (!TryWrite(batch))
            {
                var pause = _backOff.Next();
                if (!_stopping.IsCancellationRequested) await Task.Delay(pause, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                else break;
            }

            batch.Clear();
        }
    }

    private bool TryWrite(List<AuditEvent> batch)
    {
        try
        {
            if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost) LogLost(lost);
            _store.Append(batch);
            _backOff.Reset();
        }
        catch (Exception e)
        {
            LogFailed(e);
            return false;
        }

        Prune();
        return true;
    }

    private void Prune()
    {
        if (_prunedAt is { } at && _time.GetElapsedTime(at) < PruneEvery) return;
        _prunedAt = _time.GetTimestamp();
        try
        {
            _store.Prune(_time.GetUtcNow(), _limits);
        }
        catch (Exception e)
        {
            LogNotPruned(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Audit events could not be written")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Old audit events could not be removed")]
    private partial void LogNotPruned(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Audit events lost because they arrived faster than they could be written: {Count}")]
    private partial void LogLost(long count);
}
