using MailServer.Configuration;
using Serilog;
using Serilog.Events;
using Serilog.Formatting;

namespace MailServer.Hosting;

/// <summary>The log as configured: one event a line, as JSON or as text, to a stream or a file.</summary>
internal static class LogSetup
{
    public static Serilog.Core.Logger Create(LoggingOptions options, LogLevels levels, RecentWarnings warnings)
    {
        var output = Output(options, new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(warnings));
        return levels.Apply(new LoggerConfiguration()).WriteTo.Sink(new RepeatedLines(output, TimeProvider.System)).CreateLogger();
    }

    private static Serilog.Core.Logger Output(LoggingOptions options, LoggerConfiguration logger)
    {
        ITextFormatter format = options.Format == LogFormat.Json ? new JsonLogFormatter() : new TextLogFormatter();
        var toError = options.Output == "stderr" ? LogEventLevel.Verbose : (LogEventLevel?)null;
        return options.Output is "stdout" or "stderr"
            ? logger.WriteTo.Console(format, standardErrorFromLevel: toError).CreateLogger()
            : logger.WriteTo.File(format, options.Output, fileSizeLimitBytes: null, buffered: false).CreateLogger();
    }
}
