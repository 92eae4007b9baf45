using MailServer.Domain.Formatting;
using MailServer.Domain.Health;
using MailServer.Domain.Timing;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>
/// Compares the wall clock with the monotonic clock, and at start with the times of the node's files. A clock jump affects signatures, one-time codes,
/// certificates and expiry times, so it is reported as a problem for a day.
/// </summary>
internal sealed partial class ClockMonitor : IDisposable
{
    /// <summary>The subject of its entry in the list of problems.</summary>
    public const string Subject = "clock";

    private const string Remedy = "check that the time is correct and that a time service runs (chrony, systemd-timesyncd); 'mailserver doctor' shows whether the clock is synchronized";
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Told = TimeSpan.FromDays(1);

    private readonly NodeProblems _problems;
    private readonly TimeProvider _time;
    private readonly PeriodicWork _looking;
    private DateTimeOffset _wall;
    private long _monotonic;
    private long? _jumpedAt;

    /// <param name="folder">The node's data directory.</param>
    /// <param name="problems">Receives reports of clock jumps.</param>
    /// <param name="time">The clock to watch.</param>
    /// <param name="log">Logs failures of the check itself.</param>
    public ClockMonitor(string folder, NodeProblems problems, TimeProvider time, ILogger<ClockMonitor> log)
    {
        (_problems, _time) = (problems, time);
        (_wall, _monotonic) = (time.GetUtcNow(), time.GetTimestamp());
        var newest = Newest(folder);
        if (newest - _wall > StoredTime.Slack) Tell($"the clock shows {UtcText.Of(_wall)}, but files in {folder} were written at {UtcText.Of(newest)}: the clock was ahead then, or is behind now");
        _looking = new PeriodicWork(Interval, new ExponentialBackoff(Interval, Told), Look, (e, _) => LogFailed(log, e), time);
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
            // Reported when the data directory is opened.
            return DateTimeOffset.MinValue;
        }
    }

    private void Look()
    {
        var (wall, monotonic) = (_time.GetUtcNow(), _time.GetTimestamp());
        var jump = wall - _wall - _time.GetElapsedTime(_monotonic, monotonic);
        if (jump.Duration() > StoredTime.Slack)
        {
            var (direction, cause) = jump > TimeSpan.Zero ? ("forward", ", or the machine was suspended") : ("back", "");
            Tell($"the clock jumped {direction} from {UtcText.Of(_wall)} to {UtcText.Of(wall)}{cause}");
        }
        else if (_jumpedAt is { } at && _time.GetElapsedTime(at) > Told)
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Clock check failed")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
