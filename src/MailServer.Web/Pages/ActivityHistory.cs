using System.Diagnostics.Metrics;
using MailServer.Domain.Measurements;
using MailServer.Domain.Timing;

namespace MailServer.Web.Pages;

/// <summary>Deliveries and sessions per minute in the last hour, from the same instruments as <c>/metrics</c>.</summary>
public sealed class ActivityHistory : IDisposable
{
    public const int Minutes = 60;

    private readonly Lock _lock = new();
    private readonly Queue<ActivityMinute> _past = new(Enumerable.Repeat(new ActivityMinute(0, 0), Minutes - 1));
    private readonly MeterListener _listener = new();
    private readonly PeriodicWork _turning;
    private long _deliveries;
    private long _sessions;
    private long _mostSessions;

    public ActivityHistory(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        // Created before the listener starts: while an instrument is being published, its property does not return it yet.
        var (deliveries, sessions) = (ServerMetrics.Deliveries, ServerMetrics.Sessions);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument == deliveries || instrument == sessions) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument == deliveries, value));
        _listener.Start();
        var minute = TimeSpan.FromMinutes(1);
        _turning = new PeriodicWork(minute, new ExponentialBackoff(minute, minute), Turn, static (_, _) => { }, time);
    }

    /// <summary>The values, oldest first; the last is the current minute.</summary>
    public IReadOnlyList<ActivityMinute> Read()
    {
        lock (_lock) return [.. _past, Current];
    }

    public void Dispose()
    {
        _turning.Dispose();
        _listener.Dispose();
    }

    private ActivityMinute Current => new(_deliveries, _mostSessions);

    private void Add(bool delivery, long value)
    {
        lock (_lock)
        {
            if (delivery)
            {
                _deliveries += value;
                return;
            }

            _sessions += value;
            _mostSessions = Math.Max(_mostSessions, _sessions);
        }
    }

    private void Turn()
    {
        lock (_lock)
        {
            _past.Dequeue();
            _past.Enqueue(Current);
            (_deliveries, _mostSessions) = (0, _sessions);
        }
    }
}

/// <summary>The activity of one minute: deliveries, and the largest number of concurrent sessions.</summary>
public readonly record struct ActivityMinute(long Deliveries, long Sessions);
