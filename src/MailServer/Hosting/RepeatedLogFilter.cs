using System.Globalization;
using MailServer.Domain.Formatting;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;

namespace MailServer.Hosting;

/// <summary>
/// Writes the first of identical warnings and errors and counts the others, so that a repeated failure does not fill the disk. The count is written after
/// an hour and when the server stops. Lines about sign-ins and bans are never suppressed, because other programs read them.
/// </summary>
/// <param name="output">The logger that writes the lines.</param>
/// <param name="time">The clock.</param>
internal sealed class RepeatedLogFilter(Logger output, TimeProvider time) : ILogEventSink, IDisposable
{
    /// <summary>For how long identical lines are counted.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private const int MostTexts = 200;
    private static readonly MessageTemplate Template = new MessageTemplateParser().Parse("{Text:l} (repeated {Count} {Times:l} in the last {Minutes} min)");


    private readonly Lock _lock = new();
    private readonly Dictionary<string, RepeatedEvent> _repeated = new(StringComparer.Ordinal);
    private ITimer? _timer;

    public void Emit(LogEvent logEvent)
    {
        if (logEvent.Level < LogEventLevel.Warning || SecurityLogEvents.Contains(logEvent))
        {
            output.Write(logEvent);
            return;
        }

        var text = TextOf(logEvent);
        lock (_lock)
        {
            if (_repeated.TryGetValue(text, out var known) && time.GetElapsedTime(known.Since) < Window)
            {
                known.Count++;
                known.Last = logEvent.Timestamp;
                _timer ??= time.CreateTimer(static lines => ((RepeatedLogFilter)lines!).WriteCounts(onlyOld: true), this, Window, Timeout.InfiniteTimeSpan);
                return;
            }

            if (known is not null) Write(known);
            else if (_repeated.Count >= MostTexts) Forget();
            _repeated[text] = new RepeatedEvent(logEvent, time.GetTimestamp());
        }

        output.Write(logEvent);
    }

    public void Dispose()
    {
        WriteCounts(onlyOld: false);
        lock (_lock) _timer?.Dispose();
        output.Dispose();
    }

    private static string TextOf(LogEvent line) =>
        $"{line.RenderMessage(CultureInfo.InvariantCulture)}\n{line.Exception?.GetType().Name} {line.Exception?.Message}";

    private void WriteCounts(bool onlyOld)
    {
        lock (_lock)
        {
            _timer?.Dispose();
            _timer = null;
            foreach (var (text, repeated) in _repeated.ToArray())
            {
                if (onlyOld && time.GetElapsedTime(repeated.Since) < Window) continue;
                Write(repeated);
                _repeated.Remove(text);
            }

            if (_repeated.Values.Any(static r => r.Count > 0))
                _timer = time.CreateTimer(static lines => ((RepeatedLogFilter)lines!).WriteCounts(onlyOld: true), this, Window, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Removes the oldest text when there are too many.</summary>
    private void Forget()
    {
        var (text, oldest) = _repeated.MinBy(static r => r.Value.Since);
        Write(oldest);
        _repeated.Remove(text);
    }

    private void Write(RepeatedEvent repeated)
    {
        if (repeated.Count == 0) return;
        var properties = repeated.First.Properties.Where(static p => p.Key == Constants.SourceContextPropertyName)
            .Select(static p => new LogEventProperty(p.Key, p.Value))
            .Append(new LogEventProperty("Text", new ScalarValue(TextLogFormatter.MessageOf(repeated.First))))
            .Append(new LogEventProperty("Count", new ScalarValue(repeated.Count)))
            .Append(new LogEventProperty("Times", new ScalarValue(Quantity.Noun(repeated.Count, "time"))))
            .Append(new LogEventProperty("Minutes", new ScalarValue((int)Math.Ceiling(time.GetElapsedTime(repeated.Since).TotalMinutes))));
        output.Write(new LogEvent(repeated.Last, repeated.First.Level, null, Template, properties));
    }

    private sealed class RepeatedEvent(LogEvent first, long since)
    {
        public LogEvent First => first;

        /// <summary>A monotonic timestamp.</summary>
        public long Since => since;

        public DateTimeOffset Last { get; set; } = first.Timestamp;

        /// <summary>The number of repetitions.</summary>
        public int Count { get; set; }
    }
}
