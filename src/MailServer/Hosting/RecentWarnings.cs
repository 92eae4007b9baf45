using System.Text.Json;
using System.Text.Json.Serialization;
using MailServer.Domain.Timing;
using MailServer.Storage.SafeFiles;
using MailServer.Web.Pages;
using Microsoft.Extensions.Logging;
using Serilog.Core;
using Serilog.Events;

namespace MailServer.Hosting;

/// <summary>
/// Keeps the latest warnings and errors for the web page, also across restarts: a bounded number in memory, which is written to a file in the node's directory
/// a few seconds after a new one. A crash may lose the last seconds; the log has them.
/// </summary>
internal sealed partial class RecentWarnings : ILogEventSink, IDisposable
{
    public const string FileName = "warnings";

    private const int Most = 500;
    private const int LongestText = 1_000;
    private const long LargestFile = 4 * 1024 * 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly Queue<LogEntry> _lines = new();
    private string? _path;
    private PeriodicWork? _saving;
    private bool _isSaved = true;

    public void Emit(LogEvent logEvent)
    {
        if (logEvent.Level < LogEventLevel.Warning) return;
        var text = TextLogFormatter.MessageOf(logEvent);
        if (logEvent.Exception is { } e) text = $"{text} ({e.GetType().Name}: {e.Message})";
        var source = logEvent.Properties.GetValueOrDefault("SourceContext") is ScalarValue { Value: string name } ? name[(name.LastIndexOf('.') + 1)..] : "";
        Add(new LogEntry(logEvent.Timestamp, logEvent.Level == LogEventLevel.Warning ? "warning" : "error", source, text.Length <= LongestText ? text : text[..LongestText]));
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<LogEntry> Read()
    {
        lock (_lock) return [.. _lines.Reverse()];
    }

    /// <summary>Adds the entries that an earlier run of the server has kept in a directory, and keeps new ones there from now on.</summary>
    public void KeepIn(string directory, TimeProvider time, ILogger log)
    {
        _path = Path.Combine(directory, FileName);
        var earlier = Load(_path);
        lock (_lock)
        {
            LogEntry[] all = [.. earlier, .. _lines];
            _lines.Clear();
            foreach (var line in all.TakeLast(Most)) _lines.Enqueue(line);
        }

        _saving = new PeriodicWork(Pause, new ExponentialBackoff(Pause, LongestPause), Save, (e, _) => LogNotSaved(log, e), time);
    }

    public void Dispose()
    {
        _saving?.Dispose();
        try
        {
            Save();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The log has the warnings, too.
        }
    }

    private void Add(LogEntry line)
    {
        lock (_lock)
        {
            if (_lines.Count == Most) _lines.Dequeue();
            _lines.Enqueue(line);
            _isSaved = false;
        }
    }

    private void Save()
    {
        LogEntry[] lines;
        lock (_lock)
        {
            if (_isSaved || _path is null) return;
            lines = [.. _lines];
            _isSaved = true;
        }

        try
        {
            PrivateFile.ReplaceAll(_path, JsonSerializer.SerializeToUtf8Bytes(lines, WarningJson.Default.LogEntryArray));
        }
        catch
        {
            lock (_lock) _isSaved = false;
            throw;
        }
    }

    /// <summary>The entries of a file, oldest first; none if it cannot be read.</summary>
    private static LogEntry[] Load(string path)
    {
        try
        {
            return SafeFileReader.TryReadSmall(path, LargestFile) is { } content ? JsonSerializer.Deserialize(content, WarningJson.Default.LogEntryArray) ?? [] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The latest warnings could not be kept for the next start")]
    private static partial void LogNotSaved(ILogger logger, Exception exception);
}

/// <summary>The form of the kept warnings.</summary>
[JsonSerializable(typeof(LogEntry[]))]
internal sealed partial class WarningJson : JsonSerializerContext;
