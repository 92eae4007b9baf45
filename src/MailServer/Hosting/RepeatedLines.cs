using System.Globalization;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Display;
using Serilog.Parsing;

namespace MailServer.Hosting;

/// <summary>
/// Writes the first of equal warnings and errors and counts the others: a failure that is met again and again must not fill the disk. The count is
/// written when an hour is over or the server stops. Who signed in, was refused or was banned is always written line by line, for programs that
/// read it.
/// </summary>
/// <param name="output">Where lines go.</param>
/// <param name="time">The clock.</param>
internal sealed class RepeatedLines(Logger output, TimeProvider time) : ILogEventSink, IDisposable
{
    /// <summary>For how long equal lines are counted.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private const int MostTexts = 200;
    private static readonly MessageTemplate s_template = new MessageTemplateParser().Parse("{Text:l} (repeated {Count} times in the last {Minutes} min)");

    // As the line itself was written: without quotation marks around values.
    private static readonly MessageTemplateTextFormatter s_plain = new("{Message:lj}", CultureInfo.InvariantCulture);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Repeated> _repeated = new(StringComparer.Ordinal);
    private ITimer? _timer;

    public void Emit(LogEvent logEvent)
    {
        if (logEvent.Level < LogEventLevel.Warning || SecurityLines.Contains(logEvent))
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
                _timer ??= time.CreateTimer(static lines => ((RepeatedLines)lines!).WriteCounts(onlyOld: true), this, Window, Timeout.InfiniteTimeSpan);
                return;
            }

            if (known is not null) Write(known);
            else if (_repeated.Count >= MostTexts) Forget();
            _repeated[text] = new Repeated(logEvent, time.GetTimestamp());
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

    private static string Plain(LogEvent line)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        s_plain.Format(line, text);
        return text.ToString();
    }

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
                _timer = time.CreateTimer(static lines => ((RepeatedLines)lines!).WriteCounts(onlyOld: true), this, Window, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Of so many different texts the oldest makes room.</summary>
    private void Forget()
    {
        var (text, oldest) = _repeated.MinBy(static r => r.Value.Since);
        Write(oldest);
        _repeated.Remove(text);
    }

    private void Write(Repeated repeated)
    {
        if (repeated.Count == 0) return;
        var properties = repeated.First.Properties.Where(static p => p.Key == Constants.SourceContextPropertyName)
            .Select(static p => new LogEventProperty(p.Key, p.Value))
            .Append(new LogEventProperty("Text", new ScalarValue(Plain(repeated.First))))
            .Append(new LogEventProperty("Count", new ScalarValue(repeated.Count)))
            .Append(new LogEventProperty("Minutes", new ScalarValue((int)Math.Ceiling(time.GetElapsedTime(repeated.Since).TotalMinutes))));
        output.Write(new LogEvent(repeated.Last, repeated.First.Level, null, s_template, properties));
    }

    private sealed class Repeated(LogEvent first, long since)
    {
        public LogEvent First => first;

        /// <summary>A timestamp.</summary>
        public long Since => since;

        public DateTimeOffset Last { get; set; } = first.Timestamp;

        /// <summary>How often it came again.</summary>
        public int Count { get; set; }
    }
}
