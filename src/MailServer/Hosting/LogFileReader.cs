using System.Text;
using System.Text.Json;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Web.Admin;

namespace MailServer.Hosting;

/// <summary>Searches the end of the log file. It reads a limited number of octets, whatever the size of the file.</summary>
internal static class LogFileReader
{
    /// <summary>The octets that one search reads.</summary>
    public const int MostRead = 8 * 1024 * 1024;

    private static readonly string[] Levels = ["trace", "debug", "info", "warning", "error"];

    public static LogLines Read(LoggingOptions options, LogFilter filter)
    {
        if (!options.IsFile) return new LogLines(null, [], false, null);
        try
        {
            var (content, isPart) = NamedFile.ReadEnd(options.Output, MostRead);
            var lines = Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return new LogLines(options.Output, Select(isPart ? lines.Skip(1) : lines, options.Format, filter), isPart, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new LogLines(options.Output, [], false, e.Message);
        }
    }

    private static List<LogLine> Select(IEnumerable<string> lines, LogFormat format, LogFilter filter)
    {
        var words = (filter.Text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var least = Array.IndexOf(Levels, filter.Level ?? "");
        var found = new Queue<LogLine>();
        var level = "";
        foreach (var line in lines)
        {
            // The lines of an exception belong to the event before them.
            if (format == LogFormat.Json || !char.IsWhiteSpace(line[0])) level = format == LogFormat.Json ? LevelOfJson(line) : LevelOfText(line);
            if (least >= 0 && Array.IndexOf(Levels, level) < least) continue;
            if (!words.All(w => line.Contains(w, StringComparison.OrdinalIgnoreCase))) continue;
            if (found.Count == filter.Max) found.Dequeue();
            found.Enqueue(new LogLine(level, line.TrimEnd('\r')));
        }

        return [.. found];
    }

    /// <summary>The level of a line such as <c>2026-01-01T00:00:00.000Z wrn …</c>.</summary>
    private static string LevelOfText(string line) => line.Split(' ', 3) is [_, var level, ..] ? NameOf(level) : "";

    private static string LevelOfJson(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            // The format leaves out the level of ordinary events.
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("@l", out var level) ? NameOf(level.GetString() ?? "") : "info";
        }
        catch (JsonException)
        {
            return "";
        }
    }

    private static string NameOf(string level) => level.ToLowerInvariant() switch
    {
        "vrb" or "verbose" => "trace",
        "dbg" or "debug" => "debug",
        "inf" or "information" => "info",
        "wrn" or "warning" => "warning",
        "err" or "error" or "ftl" or "fatal" => "error",
        _ => "",
    };
}
