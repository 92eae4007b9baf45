using MailServer.Configuration;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace MailServer.Hosting;

/// <summary>The log as configured: one event a line, as JSON or as text, to a stream or a file.</summary>
internal static class LogSetup
{
    private const string TextTemplate = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} {Level:u3} {Message:lj}{NewLine}{Exception}";

    public static Serilog.Core.Logger Create(LoggingOptions options, LogLevels levels, RecentWarnings warnings)
    {
        var output = Output(options, new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(warnings));
        return levels.Apply(new LoggerConfiguration()).WriteTo.Sink(new RepeatedLines(output, TimeProvider.System)).CreateLogger();
    }

    private static Serilog.Core.Logger Output(LoggingOptions options, LoggerConfiguration logger)
    {
        var json = options.Format == LogFormat.Json;
        var toError = options.Output == "stderr" ? LogEventLevel.Verbose : (LogEventLevel?)null;
        if (options.Output is "stdout" or "stderr")
        {
            return json
                ? logger.WriteTo.Console(new CompactJsonFormatter(), standardErrorFromLevel: toError).CreateLogger()
                : logger.WriteTo.Console(outputTemplate: TextTemplate, standardErrorFromLevel: toError, formatProvider: null).CreateLogger();
        }

        return json
            ? logger.WriteTo.File(new CompactJsonFormatter(), options.Output, fileSizeLimitBytes: null, buffered: false).CreateLogger()
            : logger.WriteTo.File(options.Output, outputTemplate: TextTemplate, fileSizeLimitBytes: null, buffered: false, formatProvider: null).CreateLogger();
    }
}
