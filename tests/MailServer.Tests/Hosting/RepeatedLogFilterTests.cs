using System.Globalization;
using MailServer.Hosting;
using Microsoft.Extensions.Time.Testing;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace MailServer.Tests.Hosting;

/// <summary>Log lines of a failure that repeats.</summary>
public sealed class RepeatedLogFilterTests : IDisposable
{
    private readonly List<LogEvent> _written = [];
    private readonly FakeTimeProvider _clock = new();
    private readonly Logger _log;
    private readonly RepeatedLogFilter _lines;

    public RepeatedLogFilterTests()
    {
        var output = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(new CollectingSink(_written)).CreateLogger();
        _lines = new RepeatedLogFilter(output, _clock);
        _log = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(_lines).CreateLogger();
    }

    public void Dispose()
    {
        _log.Dispose();
        _lines.Dispose();
    }

    [Theory]
    [InlineData(LogEventLevel.Warning)]
    [InlineData(LogEventLevel.Error)]
    [InlineData(LogEventLevel.Fatal)]
    public void Equal_lines_are_written_once_an_hour_and_counted(LogEventLevel level)
    {
        for (var i = 0; i < 9_000; i++) _log.Write(level, new IOException("no room"), "{File} cannot be written", "index.db");
        Assert.Single(_written);
        _clock.Advance(RepeatedLogFilter.Window);
        Assert.Equal(2, _written.Count);
        Assert.Equal("index.db cannot be written (repeated 8999 times in the last 60 min)", Text(_written[1]));
        _log.Write(level, new IOException("no room"), "{File} cannot be written", "index.db");
        Assert.Equal(3, _written.Count);
    }

    [Fact]
    public void Lines_that_differ_in_a_value_or_a_reason_are_all_written()
    {
        _log.Error("{File} cannot be written", "a");
        _log.Error("{File} cannot be written", "b");
        _log.Error(new IOException("no room"), "{File} cannot be written", "b");
        _log.Error(new IOException("broken"), "{File} cannot be written", "b");
        Assert.Equal(4, _written.Count);
    }

    [Fact]
    public void Ordinary_lines_and_lines_about_sign_ins_and_bans_are_never_combined()
    {
        for (var i = 0; i < 10; i++)
        {
            _log.Information("a message was delivered");
            _log.ForContext(Constants.SourceContextPropertyName, "MailServer.Actors.Authentication.Authenticator").Warning("failed sign-in from {Peer}", "192.0.2.1");
            _log.ForContext(Constants.SourceContextPropertyName, "MailServer.Actors.Access.BanList").Warning("{Network} is banned", "192.0.2.1");
        }

        Assert.Equal(30, _written.Count);
    }

    [Fact]
    public void The_count_is_written_when_the_server_stops()
    {
        for (var i = 0; i < 3; i++) _log.Error("the same");
        _lines.Dispose();
        Assert.Equal(["the same", "the same (repeated 2 times in the last 0 min)"], _written.Select(Text));
    }

    [Fact]
    public void Many_different_lines_take_bounded_memory_and_lose_no_count()
    {
        for (var i = 0; i < 2_000; i++)
        {
            _log.Error("number {Number}", i);
            _log.Error("number {Number}", i);
        }

        _lines.Dispose();
        Assert.Equal(4_000, _written.Count);
    }

    private static string Text(LogEvent line) => line.RenderMessage(CultureInfo.InvariantCulture).Replace("\"", "", StringComparison.Ordinal);

    private sealed class CollectingSink(List<LogEvent> written) : ILogEventSink
    {
        public void Emit(LogEvent logEvent) => written.Add(logEvent);
    }
}
