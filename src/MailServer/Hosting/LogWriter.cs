using System.Globalization;
using System.Text;
using MailServer.Domain.Formatting;
using MailServer.Domain.Timing;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Parsing;

namespace MailServer.Hosting;

/// <summary>
/// Writes the log on a thread of its own. Callers only add lines to a bounded queue, so a slow reader, a full disk or a missing folder never blocks mail.
/// When the server stops, the queued lines are written within a deadline.
/// </summary>
internal sealed class LogWriter : ILogEventSink, IDisposable
{
    /// <summary>How long disposal waits for queued lines to be written.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    // About 20,000 lines each.
    private const int MostOctets = 4 * 1024 * 1024;
    private const int SecurityOctets = 4 * 1024 * 1024;
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly MessageTemplate Dropped = new MessageTemplateParser().Parse("{Count} log {Lines:l} dropped: the log could not be written fast enough");
    private static readonly MessageTemplate DroppedSecurity = new MessageTemplateParser().Parse(
        "{Count} log {Lines:l} dropped: the log could not be written fast enough; {Security} about sign-ins and bans, which 'mailserver audit' shows");

    private readonly ILogDestination _destination;
    private readonly ITextFormatter _format;
    private readonly TimeProvider _time;
    private readonly LogQueue _lines;
    private readonly ExponentialBackoff _backOff = new(FirstPause, LongestPause);
    private readonly AutoResetEvent _added = new(false);
    private readonly AutoResetEvent _interrupted = new(false);
    private readonly Thread _thread;
    private long _writingSince;
    private volatile bool _reopen;
    private volatile bool _stopping;

    /// <param name="destination">The destination of lines; disposed by the writing thread.</param>
    /// <param name="format">Formats events as lines.</param>
    /// <param name="health">Receives failures and recoveries.</param>
    /// <param name="time">The clock.</param>
    /// <param name="most">The bound of the queue for ordinary lines, in octets.</param>
    /// <param name="reserve">The additional bound for security lines, in octets.</param>
    public LogWriter(ILogDestination destination, ITextFormatter format, LogHealth health, TimeProvider time, int most = MostOctets, int reserve = SecurityOctets)
    {
        (_destination, _format, Health, _time) = (destination, format, health, time);
        _lines = new LogQueue(most, reserve, CountLine);
        // A background thread: a blocked write must not keep the process alive.
        _thread = new Thread(Run) { IsBackground = true, Name = nameof(LogWriter) };
        _thread.Start();
    }

    public LogHealth Health { get; }

    public void Emit(LogEvent logEvent)
    {
        if (_stopping) return;
        var isAdded = _lines.TryAdd(Line(logEvent), SecurityLogEvents.Contains(logEvent));
        _added.Set();
        if (!isAdded || (Volatile.Read(ref _writingSince) is > 0 and var since && _time.GetElapsedTime(since) > StuckAfter)) NoteStuck();
    }

    /// <summary>Reopens the log file before the next line.</summary>
    public void Reopen()
    {
        _reopen = true;
        _interrupted.Set();
        _added.Set();
    }

    public void Dispose() => Stop(Deadline);

    /// <summary>Writes the queued lines, for at most <paramref name="deadline"/>. Later lines are discarded.</summary>
    public void Stop(TimeSpan deadline)
    {
        // Two callers may wait here: the stopping server, and a second signal that terminates it at once.
        _stopping = true;
        _interrupted.Set();
        _added.Set();
        _thread.Join(deadline);
    }

    private void Run()
    {
        while (true)
        {
            if (_lines.TryTake(out var line)) Write(line);
            else if (_stopping) break;
            else _added.WaitOne();
        }

        _destination.Dispose();
    }

    private void Write(byte[] line)
    {
        Volatile.Write(ref _writingSince, Math.Max(1, _time.GetTimestamp()));
        while (!TryWrite(line, out var failure))
        {
            Health.ReportFailure(failure);
            // The server is stopping: one attempt for each line, without pauses.
            if (_stopping) break;
            _interrupted.WaitOne(_backOff.Next());
        }

        Volatile.Write(ref _writingSince, 0);
    }

    private bool TryWrite(byte[] line, out string failure)
    {
        if (Failure(line) is { } e)
        {
            failure = e.Message;
            return false;
        }

        failure = "";
        _backOff.Reset();
        if (_destination.Problem is { } trouble) Health.ReportProblem(trouble);
        else if (_lines is { Count: 0, Dropped: 0 }) Health.ReportRecovered();
        return true;
    }

    /// <summary>Catches every exception: neither the log thread nor the process may end because of it.</summary>
    private Exception? Failure(byte[] line)
    {
        try
        {
            if (_reopen)
            {
                _reopen = false;
                _destination.Reopen();
            }

            return _destination.TryWrite(line, out var failure) ? null : failure;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <summary>Reports a blocked write, unless a failure with its reason is already reported.</summary>
    private void NoteStuck()
    {
        if (_backOff.Failures == 0) Health.ReportStalled();
    }

    private byte[] CountLine(long ordinary, long security)
    {
        var count = ordinary + security;
        var properties = new List<LogEventProperty> { new("Count", new ScalarValue(count)), new("Lines", new ScalarValue(Quantity.Noun(count, "line was", "lines were"))) };
        if (security > 0) properties.Add(new LogEventProperty("Security", new ScalarValue(security)));
        return Line(new LogEvent(_time.GetUtcNow(), LogEventLevel.Warning, null, security > 0 ? DroppedSecurity : Dropped, properties));
    }

    private byte[] Line(LogEvent logEvent)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        _format.Format(logEvent, text);
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
