using Serilog.Core;
using Serilog.Events;

namespace MailServer.Hosting;

/// <summary>
/// Holds log events back while the server starts. After the start, or after a few seconds, they are written; after a failed start only those that do not
/// repeat what the one line on standard error says.
/// </summary>
/// <param name="output">Receives the events.</param>
/// <param name="time">The clock.</param>
internal sealed class StartLogBuffer(ILogEventSink output, TimeProvider time) : ILogEventSink, IDisposable
{
    // A start that takes longer is worth watching.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private const int MostEvents = 500;

    private readonly Lock _lock = new();
    private List<LogEvent>? _held;
    private ITimer? _timer;

    /// <summary>Holds events from now on.</summary>
    public void Hold()
    {
        lock (_lock)
        {
            _held ??= [];
            _timer ??= time.CreateTimer(static buffer => ((StartLogBuffer)buffer!).Release(static _ => true), this, Longest, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Writes the held events that <paramref name="isWanted"/> selects, discards the others, and passes on all later ones.</summary>
    public void Release(Func<LogEvent, bool> isWanted)
    {
        lock (_lock)
        {
            foreach (var held in _held ?? []) if (isWanted(held)) output.Emit(held);
            _held = null;
            _timer?.Dispose();
            _timer = null;
        }
    }

    public void Emit(LogEvent logEvent)
    {
        lock (_lock)
        {
            if (_held is { Count: < MostEvents })
            {
                _held.Add(logEvent);
                return;
            }
        }

        output.Emit(logEvent);
    }

    public void Dispose()
    {
        Release(static _ => true);
        (output as IDisposable)?.Dispose();
    }
}
