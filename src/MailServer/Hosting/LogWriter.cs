using System.Globalization;
using System.Text;
using MailServer.Domain.Timing;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Parsing;

namespace MailServer.Hosting;

/// <summary>
/// Keeps the log off the path of mail: whoever logs puts a line into a bounded queue, and one thread writes them. A reader that sleeps, a full disk or a
/// missing folder stops this thread alone. When the server stops, what waits is written within a deadline.
/// </summary>
internal sealed class LogWriter : ILogEventSink, IDisposable
{
    /// <summary>How long stopping waits for lines to be written.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    // Some 20,000 lines each.
    private const int MostOctets = 4 * 1024 * 1024;
    private const int SecurityOctets = 4 * 1024 * 1024;
    private static readonly TimeSpan s_stuckAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);
    private static readonly MessageTemplate s_dropped = new MessageTemplateParser().Parse("{Count} log lines were dropped: they could not be written as fast as they came");
    private static readonly MessageTemplate s_droppedSecurity = new MessageTemplateParser().Parse(
        "{Count} log lines were dropped: they could not be written as fast as they came; {Security} of them are about sign-ins and bans, which 'mailserver audit' shows");

    private readonly ILogDestination _destination;
    private readonly ITextFormatter _format;
    private readonly TimeProvider _time;
    private readonly LogLines _lines;
    private readonly BackOff _backOff = new(s_firstPause, s_longestPause);
    private readonly AutoResetEvent _added = new(false);
    private readonly AutoResetEvent _interrupted = new(false);
    private readonly Thread _thread;
    private long _writingSince;
    private volatile bool _reopen;
    private volatile bool _stopping;

    /// <param name="destination">Where lines go; disposed here, by the thread that writes.</param>
    /// <param name="format">How an event becomes a line.</param>
    /// <param name="health">Told when lines cannot be written, and when they can again.</param>
    /// <param name="time">The clock.</param>
    /// <param name="most">Octets of lines that may wait.</param>
    /// <param name="reserve">Octets of security lines that may wait beside them.</param>
    public LogWriter(ILogDestination destination, ITextFormatter format, LogHealth health, TimeProvider time, int most = MostOctets, int reserve = SecurityOctets)
    {
        (_destination, _format, Health, _time) = (destination, format, health, time);
        _lines = new LogLines(most, reserve, CountLine);
        // In the background: one that waits for a reader does not keep the process alive.
        _thread = new Thread(Run) { IsBackground = true, Name = nameof(LogWriter) };
        _thread.Start();
    }

    public LogHealth Health { get; }

    public void Emit(LogEvent logEvent)
    {
        if (_stopping) return;
        var isAdded = _lines.TryAdd(Line(logEvent), SecurityLines.Contains(logEvent));
        _added.Set();
        if (!isAdded || (Volatile.Read(ref _writingSince) is > 0 and var since && _time.GetElapsedTime(since) > s_stuckAfter)) NoteStuck();
    }

    /// <summary>Lets the lines from here on go to a file that is opened again.</summary>
    public void Reopen()
    {
        _reopen = true;
        _interrupted.Set();
        _added.Set();
    }

    public void Dispose() => Stop(Deadline);

    /// <summary>Writes what waits, and gives up after <paramref name="deadline"/>. Lines that come later are not taken.</summary>
    public void Stop(TimeSpan deadline)
    {
        // Two may wait: the server that stops, and a signal that ends it at once meanwhile.
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
            Health.Failed(failure);
            // One more attempt for each line, and no pause: the server stops.
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
        if (_destination.Trouble is { } trouble) Health.Troubled(trouble);
        else if (_lines is { Count: 0, Dropped: 0 }) Health.Works();
        return true;
    }

    /// <summary>Whatever fails: the thread of the log does not end, nor does the process.</summary>
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

    /// <summary>A failure has been told with its reason; here nothing comes back from the write.</summary>
    private void NoteStuck()
    {
        if (_backOff.Failures == 0) Health.Stuck();
    }

    private byte[] CountLine(long ordinary, long security)
    {
        var properties = new List<LogEventProperty> { new("Count", new ScalarValue(ordinary + security)) };
        if (security > 0) properties.Add(new LogEventProperty("Security", new ScalarValue(security)));
        return Line(new LogEvent(_time.GetLocalNow(), LogEventLevel.Warning, null, security > 0 ? s_droppedSecurity : s_dropped, properties));
    }

    private byte[] Line(LogEvent logEvent)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        _format.Format(logEvent, text);
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
