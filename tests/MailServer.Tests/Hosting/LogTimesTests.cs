using System.Globalization;
using System.Text.RegularExpressions;
using MailServer.Hosting;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace MailServer.Tests.Hosting;

/// <summary>Times in the log are ISO 8601 in UTC, in whatever way they get into an event and wherever it is written.</summary>
public sealed partial class LogTimesTests
{
    private static readonly DateTimeOffset Time = new(2026, 11, 29, 1, 25, 33, TimeSpan.FromHours(2));

    private static readonly (string Name, object Value)[] Times =
    [
        ("with an offset", Time),
        ("in UTC", Time.ToUniversalTime()),
        ("UTC date and time", Time.UtcDateTime),
        ("local date and time", Time.LocalDateTime),
        ("date and time of no zone", DateTime.SpecifyKind(Time.UtcDateTime, DateTimeKind.Unspecified)),
        ("list", new[] { Time, Time }),
        ("dictionary", new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal) { ["at"] = Time }),
    ];

    // Every way in which a value gets into an event.
    private static readonly (string Name, Action<ILogger, object> Log)[] Ways =
    [
        ("property", static (log, time) => log.Warning("Certificate valid until {NotAfter}", time)),
        ("format", static (log, time) => log.Warning("Certificate valid until {NotAfter:yyyy}", time)),
        ("object", static (log, time) => log.Warning("{@Order}", new { Name = "a", NotAfter = time })),
        ("context", static (log, time) => log.ForContext("NotAfter", time).Warning("valid until {NotAfter}")),
    ];

    private static readonly (string Name, Func<LogEvent, string> Write)[] Outputs =
    [
        ("text", static e => Written(new TextLogFormatter(), e)),
        ("JSON", static e => Written(new JsonLogFormatter(), e)),
        ("web page", static e =>
        {
            var warnings = new RecentWarnings();
            warnings.Emit(e);
            return warnings.Read()[0].Text;
        }),
    ];

    public static TheoryData<string> Cultures => ["", "en-US", "de-DE", "ar-SA", "th-TH"];

    [Theory]
    [MemberData(nameof(Cultures))]
    public void Every_time_is_written_in_the_same_form(string culture)
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
        try
        {
            foreach (var (time, value) in Times)
            {
                foreach (var (way, log) in Ways)
                {
                    foreach (var (output, write) in Outputs)
                    {
                        var written = write(EventOf(logger => log(logger, value)));
                        Assert.True(written.Contains("2026-11-28T23:25:33Z", StringComparison.Ordinal), $"{time}, {way}, {output}: {written}");
                        Assert.False(OtherForm().IsMatch(written), $"{time}, {way}, {output}: {written}");
                    }
                }
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_line_begins_with_its_time_in_UTC()
    {
        var line = new LogEvent(Time, LogEventLevel.Warning, null, MessageTemplate.Empty, []);
        Assert.StartsWith("2026-11-28T23:25:33.000Z WRN ", Written(new TextLogFormatter(), line), StringComparison.Ordinal);
        Assert.StartsWith("{\"@t\":\"2026-11-28T23:25:33.0000000Z\"", Written(new JsonLogFormatter(), line), StringComparison.Ordinal);
    }

    private static LogEvent EventOf(Action<ILogger> log)
    {
        var taken = new Taken();
        using (var logger = LogPipeline.Times(new LoggerConfiguration()).WriteTo.Sink(taken).CreateLogger()) log(logger);
        return Assert.Single(taken.Events);
    }

    private static string Written(ITextFormatter formatter, LogEvent line)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        formatter.Format(line, output);
        return output.ToString();
    }

    // A time with an offset, slashes or a space; the time of the event itself ends with Z.
    [GeneratedRegex(@"\d\d:\d\d(:\d\d)?(\.\d+)? ?[+-]\d\d|\d/\d|\d{4}-\d\d-\d\d \d|\d\d:\d\d:\d\d(\.\d+)?(?![\d.Z])", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex OtherForm();

    private sealed class Taken : ILogEventSink
    {
        public List<LogEvent> Events { get; } = [];

        public void Emit(LogEvent logEvent) => Events.Add(logEvent);
    }
}
