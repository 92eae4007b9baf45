namespace MailServer.Tests.Commands;

/// <summary>Output of the report commands without a server; the end-to-end tests cover them with one.</summary>
public sealed class ReportCommandsTests : IDisposable
{
    private readonly CommandRunner _run = new();

    [Theory]
    [InlineData("dmarc", "report", "send", "--day", "tomorrow")]
    [InlineData("tls-report", "send", "--day", "2026-02-30")]
    public async Task An_invalid_day_is_refused_with_the_accepted_forms(params string[] command) =>
        Assert.Contains("is not a valid day (YYYY-MM-DD, today, yesterday)", await _run.FailedAsync(2, command), StringComparison.Ordinal);

    [Theory]
    [InlineData("dmarc", "report", "list")]
    [InlineData("dmarc", "report", "show", "1")]
    [InlineData("dmarc", "report", "send")]
    [InlineData("tls-report", "list", "--sent")]
    public async Task Without_a_running_server_the_command_says_so(params string[] command) =>
        Assert.Contains("the server is not running: there is no socket ", await _run.FailedAsync(1, command), StringComparison.Ordinal);

    public void Dispose() => _run.Dispose();
}
