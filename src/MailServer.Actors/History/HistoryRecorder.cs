using System.Diagnostics.Metrics;
using MailServer.Domain.Measurements;

namespace MailServer.Actors.History;

/// <summary>Adds up the measurements from which the history is made, the same as those of <c>/metrics</c>. Thread-safe.</summary>
internal sealed class HistoryRecorder : IDisposable
{
    private readonly Lock _lock = new();
    private readonly MeterListener _listener = new();
    private HistoryValues _values = HistoryValues.Zero;

    public HistoryRecorder()
    {
        // Read before the listener starts: while an instrument is being published, its property does not return it yet.
        Instrument[] watched =
        [
            ServerMetrics.OfferedMessages, ServerMetrics.Deliveries, ServerMetrics.RefusedRecipients, ServerMetrics.RefusedConnections, ServerMetrics.Traffic, ServerMetrics.SignIns,
        ];
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (watched.Contains(instrument)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, count, tags, _) => Add(ChangeOf(instrument, count, tags)));
        _listener.Start();
    }

    /// <summary>Returns what was measured since the last call.</summary>
    public HistoryValues Take()
    {
        lock (_lock)
        {
            var taken = _values;
            _values = HistoryValues.Zero;
            return taken;
        }
    }

    public void Dispose() => _listener.Dispose();

    private static HistoryValues ChangeOf(Instrument instrument, long count, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var zero = HistoryValues.Zero;
        if (instrument == ServerMetrics.Traffic) return Has(tags, "direction", "in") ? zero with { OctetsIn = count } : zero with { OctetsOut = count };
        if (instrument == ServerMetrics.SignIns) return Has(tags, "result", "ok") ? zero with { SignIns = count } : zero with { RefusedSignIns = count };
        if (instrument == ServerMetrics.OfferedMessages) return Has(tags, "answer", "accepted") ? zero with { Received = count } : zero with { Refused = count };
        if (instrument == ServerMetrics.Deliveries) return Has(tags, "destination", "remote") && Has(tags, "result", "delivered") ? zero with { Sent = count } : zero;
        return zero with { Refused = count };
    }

    private static bool Has(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name, string value)
    {
        foreach (var tag in tags)
            if (tag.Key == name) return tag.Value as string == value;
        return false;
    }

    private void Add(HistoryValues change)
    {
        lock (_lock) _values = _values.Plus(change);
    }
}
