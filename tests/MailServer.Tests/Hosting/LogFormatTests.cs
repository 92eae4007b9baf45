using System.Text.Json;
using MailServer.Hosting;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace MailServer.Tests.Hosting;

/// <summary>An event is one log line, whatever it contains; an exception adds only indented lines.</summary>
public sealed class LogFormatTests
{
    private static readonly string[] Forged = [.. HostileText.Characters, .. HostileText.Attacks, HostileText.All];

    // Every way to put a value into an event.
    private static readonly (string Name, Action<ILogger, string> Log)[] Ways =
    [
        ("property", static (log, text) => log.Warning("Sign-in as {Login} failed", text)),
        ("two properties", static (log, text) => log.Warning("{A} and {B}", text, text)),
        ("list", static (log, text) => log.Warning("{Names}", new[] { text, "b" })),
        ("object", static (log, text) => log.Warning("{@Thing}", new { Name = text })),
        ("text of an object", static (log, text) => log.Warning("{Thing}", new NamedValue(text))),
        ("template", static (log, text) => log.Warning(text.Replace("{", "", StringComparison.Ordinal))),
        ("context", static (log, text) => log.ForContext("Peer", text).Warning("{Peer}")),
    ];

    [Fact]
    public void No_value_can_add_a_line()
    {
        foreach (var (name, log) in Ways)
        {
            foreach (var text in Forged)
            {
                var written = Write(new TextLogFormatter(), logger => log(logger, text));
                Assert.True(HostileText.IsFit(written), name);
                Assert.True(written.Count(static c => c == '\n') == 1, name);
                Assert.Matches(@"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WRN ", written);
            }
        }
    }

    [Fact]
    public void An_exception_adds_only_indented_lines()
    {
        foreach (var text in Forged)
        {
            Exception[] exceptions =
            [
                new InvalidOperationException(text), new IOException("x", new InvalidDataException(text)), new AggregateException(text, new IOException(text), new IOException(text, new IOException(text))), Thrown(text),
            ];
            foreach (var e in exceptions)
            {
                var lines = Write(new TextLogFormatter(), log => log.Error(e, "failed")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                Assert.All(lines, static line => Assert.True(HostileText.IsFit(line, "")));
                Assert.All(lines[1..], static line => Assert.StartsWith("  ", line, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void The_stack_and_the_causes_of_an_exception_are_written()
    {
        var written = Write(new TextLogFormatter(), static log => log.Error(new IOException("outer", Thrown("inner")), "failed"));
        Assert.Contains("  System.IO.IOException: outer\n", written, StringComparison.Ordinal);
        Assert.Contains("   ---> System.InvalidOperationException: inner\n     at MailServer.Tests.Hosting.LogFormatTests.Thrown(", written, StringComparison.Ordinal);
        var deep = new IOException("first");
        for (var i = 0; i < 1_000; i++) deep = new IOException("next", deep);
        Assert.InRange(Write(new TextLogFormatter(), log => log.Error(deep, "failed")).Split('\n').Length, 5, 20);
    }

    [Fact]
    public void Each_event_is_one_line_of_printable_JSON()
    {
        foreach (var (name, log) in Ways)
        {
            foreach (var text in Forged)
            {
                var written = Write(new JsonLogFormatter(), logger => log(logger, text));
                Assert.True(HostileText.IsFit(written), name);
                Assert.True(written.Count(static c => c == '\n') == 1, name);
                using var read = JsonDocument.Parse(written);
                Assert.Equal("Warning", read.RootElement.GetProperty("@l").GetString());
            }
        }
    }

    private static string Write(ITextFormatter formatter, Action<ILogger> log)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using (var logger = new LoggerConfiguration().WriteTo.Sink(new FormattingSink(formatter, output)).CreateLogger()) log(logger);
        return output.ToString();
    }

    private static InvalidOperationException Thrown(string message)
    {
        try
        {
            throw new InvalidOperationException(message);
        }
        catch (InvalidOperationException e)
        {
            return e;
        }
    }

    private sealed class NamedValue(string text)
    {
        public override string ToString() => text;
    }

    private sealed class FormattingSink(ITextFormatter formatter, TextWriter output) : ILogEventSink
    {
        public void Emit(LogEvent logEvent) => formatter.Format(logEvent, output);
    }
}
