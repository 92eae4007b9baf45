using System.Text;
using MailServer.Configuration;
using MailServer.Storage.SafeFiles;
using Serilog;
using Serilog.Formatting;

namespace MailServer.Hosting;

/// <summary>Builds the logging pipeline from the configuration: one event a line, as JSON or text, to a stream or a file.</summary>
internal sealed class LogPipeline : IAsyncDisposable
{
    private static readonly AppendOnlyFile StandardError = AppendOnlyFile.Standard(2);
    private readonly LogWriter _writer;
    private readonly Serilog.Core.Logger _logger;
    private readonly StartLogBuffer _start;
    private readonly bool _isDetailed;

    private LogPipeline(LogWriter writer, Serilog.Core.Logger logger, StartLogBuffer start, LoggingOptions options)
    {
        (_writer, _logger, _start) = (writer, logger, start);
        File = options.IsFile ? options.Output : null;
        _isDetailed = options.Level <= LogLevelOption.Debug;
    }

    public Serilog.ILogger Logger => _logger;

    /// <summary>The path of the log file; null for a stream.</summary>
    public string? File { get; }

    public LogHealth Health => _writer.Health;

    public static LogPipeline Create(LoggingOptions options, LogLevels levels, RecentWarnings warnings)
    {
        ILogDestination destination = options.IsFile
            ? new LogFile(options.Output, options.MaxSize, options.Keep, TimeProvider.System)
            : LogStream.Standard(options.Output);
        ITextFormatter format = options.Format == LogFormat.Json ? new JsonLogFormatter() : new TextLogFormatter();
        var writer = new LogWriter(destination, format, new LogHealth(destination.Name, Complain), TimeProvider.System);
        var output = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(warnings).WriteTo.Sink(writer).CreateLogger();
        var start = new StartLogBuffer(new RepeatedLogFilter(output, TimeProvider.System), TimeProvider.System);
        var logger = levels.Apply(Times(new LoggerConfiguration())).WriteTo.Sink(start).CreateLogger();
        return new LogPipeline(writer, logger, start, options.IsFile ? options with { Output = destination.Name } : options);
    }

    /// <summary>Every output gets the times of events in the same form.</summary>
    internal static LoggerConfiguration Times(LoggerConfiguration logger) => logger.Enrich.With(new UtcTimes());

    /// <summary>Holds events back until <see cref="EndStart"/>, <see cref="FailStart"/> or a few seconds later.</summary>
    public void BeginStart() => _start.Hold();

    /// <summary>Writes the held events.</summary>
    public void EndStart() => _start.Release(static _ => true);

    /// <summary>
    /// Logs why the start failed. A log file gets the reason and the events before it; a stream, where the reason is printed anyway, gets nothing. With level debug
    /// both get everything, with the stack of the exception.
    /// </summary>
    public void FailStart(Exception failure, string reason)
    {
        _start.Release(held => _isDetailed || (File is not null && held.Exception is null));
        if (File is not null) _logger.Fatal("Start failed: {Reason:l}", reason);
        _logger.Debug(failure, "Start failed");
    }

    /// <summary>Reopens the log file before the next line.</summary>
    public void Reopen() => _writer.Reopen();

    /// <summary>Writes the queued lines, for a process that is about to exit.</summary>
    public void Flush(TimeSpan deadline)
    {
        EndStart();
        _writer.Stop(deadline);
    }

    public ValueTask DisposeAsync() => _logger.DisposeAsync();

    private static void Complain(string text) => StandardError.TryWriteWithoutBlocking(Encoding.UTF8.GetBytes($"mailserver: {OutputEscaping.Escape(text)}\n"));
}
