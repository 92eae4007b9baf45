using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using MailServer.Domain.Measurements;

namespace MailServer.Web.Metrics;

/// <summary>
/// Collects the instruments of <see cref="ServerMetrics"/> and writes them in the Prometheus text format. Recording a measurement takes one lookup and one
/// addition, without locks or allocations. The number of series is limited.
/// </summary>
public sealed class PrometheusCollector : IDisposable
{
    private const int MostSeries = 5_000;
    private readonly ConcurrentDictionary<SeriesKey, Series> _series = new();
    private readonly ConcurrentDictionary<Instrument, bool> _instruments = new();
    private readonly MeterListener _listener = new();

    public PrometheusCollector()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != ServerMetrics.MeterName) return;
            _instruments[instrument] = true;
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Find(instrument, tags)?.Add(value));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Find(instrument, tags)?.Add(value));
        _listener.Start();
    }

    /// <summary>Writes all series since the start, followed by <paramref name="gauges"/>.</summary>
    public string Write(IReadOnlyList<MetricSample> gauges)
    {
        var text = new StringBuilder(16 * 1024);
        foreach (var instrument in _instruments.Keys.OrderBy(static i => i.Name, StringComparer.Ordinal)) Write(text, instrument);
        foreach (var family in gauges.GroupBy(static g => g.Name, StringComparer.Ordinal))
        {
            Head(text, family.Key, family.First().Help, family.First().IsCounter ? "counter" : "gauge");
            foreach (var gauge in family) Sample(text, family.Key, gauge.Label is { } label ? [label] : [], gauge.Value);
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private Series? Find(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = new SeriesKey(instrument, tags.Length > 0 ? tags[0] : default, tags.Length > 1 ? tags[1] : default);
        if (_series.TryGetValue(key, out var series)) return series;
        return _series.Count >= MostSeries ? null : _series.GetOrAdd(key, instrument is Histogram<double> ? new Series(Series.Bounds.Length) : new Series(0));
    }

    private void Write(StringBuilder text, Instrument instrument)
    {
        var isCounter = instrument is Counter<long>;
        var name = isCounter ? instrument.Name + "_total" : instrument.Name;
        Head(text, name, instrument.Description ?? "", instrument is Histogram<double> ? "histogram" : isCounter ? "counter" : "gauge");
        foreach (var (key, series) in _series.Where(s => s.Key.Instrument == instrument).OrderBy(static s => s.Key.ToString(), StringComparer.Ordinal))
        {
            if (series.Buckets.Length == 0) Sample(text, name, key.Labels, series.Sum);
            else WriteHistogram(text, name, key.Labels, series);
        }

        // A counter without measurements is written as 0, because alerts need the series to exist.
        if (isCounter && !_series.Keys.Any(k => k.Instrument == instrument)) Sample(text, name, [], 0);
    }

    private static void WriteHistogram(StringBuilder text, string name, KeyValuePair<string, string>[] labels, Series series)
    {
        var count = 0L;
        for (var i = 0; i < series.Buckets.Length; i++)
        {
            count += Volatile.Read(ref series.Buckets[i]);
            Sample(text, name + "_bucket", [.. labels, KeyValuePair.Create("le", Series.Bounds[i].ToString(CultureInfo.InvariantCulture))], count);
        }

        count += Volatile.Read(ref series.Beyond);
        Sample(text, name + "_bucket", [.. labels, KeyValuePair.Create("le", "+Inf")], count);
        Sample(text, name + "_sum", labels, series.Sum);
        Sample(text, name + "_count", labels, count);
    }

    private static void Head(StringBuilder text, string name, string help, string type) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private static void Sample(StringBuilder text, string name, KeyValuePair<string, string>[] labels, double value)
    {
        text.Append(name);
        for (var i = 0; i < labels.Length; i++)
        {
            text.Append(i == 0 ? '{' : ',').Append(labels[i].Key).Append("=\"");
            text.Append(labels[i].Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));
            text.Append('"');
        }

        if (labels.Length > 0) text.Append('}');
        text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    private readonly record struct SeriesKey(Instrument Instrument, KeyValuePair<string, object?> First, KeyValuePair<string, object?> Second)
    {
        public KeyValuePair<string, string>[] Labels =>
            [.. new[] { First, Second }.Where(static t => t.Key is not null).Select(static t => KeyValuePair.Create(t.Key, Convert.ToString(t.Value, CultureInfo.InvariantCulture) ?? ""))];

        // The generated equality would box the pairs.
        public bool Equals(SeriesKey other) =>
            ReferenceEquals(Instrument, other.Instrument) && Equals(First.Value, other.First.Value) && Equals(Second.Value, other.Second.Value);

        public override int GetHashCode() => HashCode.Combine(Instrument, First.Value, Second.Value);

        public override string ToString() => $"{First.Value} {Second.Value}";
    }

    private sealed class Series(int buckets)
    {
        private double _sum;
        public long Beyond;

        public static double[] Bounds { get; } = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

        public long[] Buckets { get; } = new long[buckets];

        public double Sum => Volatile.Read(ref _sum);

        public void Add(double value)
        {
            if (Buckets.Length > 0)
            {
                var at = Array.BinarySearch(Bounds, value);
                if (at < 0) at = ~at;
                Interlocked.Increment(ref at < Buckets.Length ? ref Buckets[at] : ref Beyond);
            }

            double seen;
            do seen = Volatile.Read(ref _sum);
            while (Interlocked.CompareExchange(ref _sum, seen + value, seen) != seen);
        }
    }
}

/// <summary>A value that is read when metrics are scraped.</summary>
public sealed record MetricSample(string Name, string Help, double Value, KeyValuePair<string, string>? Label = null, bool IsCounter = false);
