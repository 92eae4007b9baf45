using System.Globalization;
using MailServer.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Serilog.Events;
using Serilog.Parsing;

namespace MailServer.Tests.Hosting;

/// <summary>The warnings of the page.</summary>
public sealed class RecentWarningsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("warnings-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Warnings_survive_a_restart()
    {
        using (var first = Open()) first.Emit(Event("one"));
        using (var second = new RecentWarnings())
        {
            // The start logs before the directory is known.
            second.Emit(Event("two"));
            second.KeepIn(_folder, TimeProvider.System, NullLogger.Instance);
            second.Emit(Event("three"));
        }

        using var third = Open();
        Assert.Equal(["three", "two", "one"], third.Read().Select(static e => e.Text));
        Assert.Equal(("warning", "Part"), (third.Read()[0].Level, third.Read()[0].Source));
    }

    [Fact]
    public void Only_the_latest_are_kept()
    {
        using (var warnings = Open())
            for (var i = 0; i < 700; i++) warnings.Emit(Event(new string('ü', 2_000) + i.ToString(CultureInfo.InvariantCulture)));
        using var again = Open();
        Assert.Equal(500, again.Read().Count);
        Assert.InRange(new FileInfo(Path.Combine(_folder, RecentWarnings.FileName)).Length, 1, 4 * 1024 * 1024);
        again.Emit(Event("new"));
        Assert.Equal((500, "new"), (again.Read().Count, again.Read()[0].Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[{\"At\":1}]")]
    public void A_damaged_file_is_replaced(string content)
    {
        File.WriteAllText(Path.Combine(_folder, RecentWarnings.FileName), content);
        using (var warnings = Open())
        {
            Assert.Empty(warnings.Read());
            warnings.Emit(Event("one"));
        }

        using var again = Open();
        Assert.Equal("one", Assert.Single(again.Read()).Text);
    }

    [Fact]
    public void Lines_below_a_warning_are_not_kept()
    {
        using var warnings = Open();
        warnings.Emit(Event("nothing", LogEventLevel.Information));
        Assert.Empty(warnings.Read());
    }

    private RecentWarnings Open()
    {
        var warnings = new RecentWarnings();
        warnings.KeepIn(_folder, TimeProvider.System, NullLogger.Instance);
        return warnings;
    }

    private static LogEvent Event(string text, LogEventLevel level = LogEventLevel.Warning) => new(
        DateTimeOffset.UtcNow, level, null, new MessageTemplateParser().Parse(text), [new LogEventProperty("SourceContext", new ScalarValue("MailServer.Some.Part"))]);
}
