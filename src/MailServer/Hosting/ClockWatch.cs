using System.Globalization;
using MailServer.Domain.Health;
using MailServer.Domain.Timing;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>
/// Compares the wall clock with the monotonic one, and at start with the times of the node's files: a clock that jumps spoils signatures, one-time
/// codes, certificates and everything that is kept for a while, so the administrator is told for a day.
/// </summary>
internal sealed partial class ClockWatch : IDisposable
{
    /// <summary>Under this name it is on the list of problems.</summary>
    public const string Subject = "clock";

    private const string Remedy = "check that the time is right now and that a time service runs (chrony, systemd-timesyncd); 'mailserver doctor' shows whether the clock is synchronized";
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_told = TimeSpan.FromDays(1);

    private readonly NodeProblems _problems;
    private readonly TimeProvider _time;
    private readonly PeriodicWork _looking;
    private DateTimeOffset _wall;
    private long _monotonic;
    private long? _jumpedAt;

    /// <param name="folder">The node's data.</param>
    /// <param name="problems">Where jumps are reported.</param>
    /// <param name="time">The clock that is watched.</param>
    /// <param name="log">For failures of the watch itself.</param>
    public ClockWatch(string folder, NodeProblems problems, TimeProvider time, ILogger<ClockWatch> log)
    {
        (_problems, _time) = (problems, time);
        (_wall, _monotonic) = (time.GetUtcNow(), time.GetTimestamp());
        var newest = Newest(folder);
        if (newest - _wall > StoredTime.Slack) Tell($"it is {Text(_wall)}, but files in {folder} were written at {Text(newest)}: the clock was ahead then, or is behind now");
        _looking = new PeriodicWork(s_interval, new BackOff(s_interval, s_told), Look, (e, _) => LogFailed(log, e), time);
    }

    public void Dispose() => _looking.Dispose();

    private static DateTimeOffset Newest(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).EnumerateFiles().Select(static f => new DateTimeOffset(f.LastWriteTimeUtc)).DefaultIfEmpty(DateTimeOffset.MinValue).Max();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever opens the data says so.
            return DateTimeOffset.MinValue;
        }
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private void Look()
    {
        var (wall, monotonic) = (_time.GetUtcNow(), _time.GetTimestamp());
        var jump = wall - _wall - _time.GetElapsedTime(_monotonic, monotonic);
        if (jump.Duration() > StoredTime.Slack)
        {
            var direction = jump > TimeSpan.Zero ? "ahead (or the machine was suspended)" : "back";
            Tell($"the clock jumped from {Text(_wall)} to {Text(wall)}, {direction}");
        }
        else if (_jumpedAt is { } at && _time.GetElapsedTime(at) > s_told)
        {
            _jumpedAt = null;
            _problems.Clear(Subject);
        }

        (_wall, _monotonic) = (wall, monotonic);
    }

    private void Tell(string text)
    {
        _jumpedAt = _time.GetTimestamp();
        _problems.Report(new NodeProblem(Subject, text, Remedy));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The clock could not be checked")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
