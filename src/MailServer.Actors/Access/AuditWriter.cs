using System.Threading.Channels;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Storage.Access;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Access;

/// <summary>Writes audited events behind the back of those who note them, many in one transaction, and removes the old ones.</summary>
public sealed partial class AuditWriter : IAuditLog, IAsyncDisposable
{
    private const int MostAtOnce = 1_000;
    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(1);

    private readonly AccessStore _store;
    private readonly Limits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger<AuditWriter> _log;
    private readonly Channel<AuditEvent> _waiting;
    private readonly Task _writing;
    private DateTimeOffset _prunedAt;
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
        await _writing;
    }

    private async Task WriteAsync()
    {
        var batch = new List<AuditEvent>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            while (batch.Count < MostAtOnce && _waiting.Reader.TryRead(out var next)) batch.Add(next);
            Write(batch);
            batch.Clear();
        }
    }

    private void Write(List<AuditEvent> batch)
    {
        try
        {
            if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost) LogLost(lost);
            _store.Append(batch);
            var now = _time.GetUtcNow();
            if (now - _prunedAt < PruneEvery) return;
            _prunedAt = now;
            _store.Prune(now, _limits);
        }
        catch (DirectoryException e)
        {
            LogFailed(e, batch.Count);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} audited events could not be written")]
    private partial void LogFailed(Exception exception, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} audited events were lost: they came faster than they could be written")]
    private partial void LogLost(long count);
}
