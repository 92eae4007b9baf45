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

    private LogPipeline(LogWriter writer, Serilog.Core.Logger logger, string? file) => (_writer, _logger, File) = (writer, logger, file);

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
        var logger = levels.Apply(Times(new LoggerConfiguration())).WriteTo.Sink(new RepeatedLogFilter(output, TimeProvider.System)).CreateLogger();
        return new LogPipeline(writer, logger, options.IsFile ? destination.Name : null);
    }

    /// <summary>Every output gets the times of events in the same form.</summary>
    internal static LoggerConfiguration Times(LoggerConfiguration logger) => logger.Enrich.With(new UtcTimes());

    /// <summary>Reopens the log file before the next line.</summary>
    public void Reopen() => _writer.Reopen();

    /// <summary>Writes the queued lines, for a process that is about to exit.</summary>
    public void Flush(TimeSpan deadline) => _writer.Stop(deadline);

    public ValueTask DisposeAsync() => _logger.DisposeAsync();

    private static void Complain(string text) => StandardError.TryWriteWithoutBlocking(Encoding.UTF8.GetBytes($"mailserver: {OutputEscaping.Escape(text)}\n"));
}
