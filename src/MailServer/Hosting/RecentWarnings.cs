using MailServer.Web.Pages;
using Serilog.Core;
using Serilog.Events;

namespace MailServer.Hosting;

/// <summary>Keeps the latest warnings and errors for the web page.</summary>
internal sealed class RecentWarnings : ILogEventSink
{
    private const int Most = 500;
    private const int LongestText = 1_000;
    private readonly Lock _lock = new();
    private readonly Queue<LogEntry> _lines = new();

    public void Emit(LogEvent logEvent)
    {
        if (logEvent.Level < LogEventLevel.Warning) return;
        var text = TextLogFormatter.MessageOf(logEvent);
        if (logEvent.Exception is { } e) text = $"{text} ({e.GetType().Name}: {e.Message})";
        var source = logEvent.Properties.GetValueOrDefault("SourceContext") is ScalarValue { Value: string name } ? name[(name.LastIndexOf('.') + 1)..] : "";
        var line = new LogEntry(logEvent.Timestamp, logEvent.Level == LogEventLevel.Warning ? "warning" : "error", source, text.Length <= LongestText ? text : text[..LongestText]);
        lock (_lock)
        {
            if (_lines.Count == Most) _lines.Dequeue();
            _lines.Enqueue(line);
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<LogEntry> Read()
    {
        lock (_lock) return [.. _lines.Reverse()];
    }
}
