using System.Text.Json;
using MailServer.Storage;

namespace MailServer.Tests.Commands;

/// <summary><c>import</c> without a running server.</summary>
public sealed class ImportCommandTests : IDisposable
{
    private const string From = "From a@b.example Sat May  4 03:02:01 2019\n";

    private readonly CommandRunner _server = new();

    private string File => Path.Combine(_server.Folder, "old.mbox");

    private string Report => Path.Combine(_server.Folder, "refused.jsonl");

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Every_message_is_counted_once_and_a_refused_one_is_listed_and_fails_the_command()
    {
        await SetUpAsync(10, withLarge: true);
        var run = await ImportAsync("--json", "--report", Report);
        Assert.Equal(1, run.Code);
        Assert.Equal((11, 10, 0, 1), Counts(run.Out));
        using var line = JsonDocument.Parse(Assert.Single(await System.IO.File.ReadAllLinesAsync(Report)));
        Assert.Equal("<large@b.example>", line.RootElement.GetProperty("message_id").GetString());
        Assert.Contains("max_message_size", line.RootElement.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.StartsWith(File, line.RootElement.GetProperty("where").GetString(), StringComparison.Ordinal);

        var again = await ImportAsync("--json", "--report", Report + "2");
        Assert.Equal((11, 0, 10, 1), Counts(again.Out));
    }

    [Fact]
    public async Task Two_concurrent_imports_run_in_turn_and_file_each_message_once()
    {
        await SetUpAsync(200, withLarge: false);
        var runs = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => ImportAsync("--json"))));
        Assert.All(runs, static run => Assert.Equal(0, run.Code));
        Assert.Equal(200, runs.Sum(static run => Counts(run.Out).Filed));
        Assert.Equal(400, runs.Sum(static run => Counts(run.Out).There));
        var words = runs.Select(static run => run.Error).Where(static e => e.Length > 0).ToArray();
        Assert.All(words, static error => Assert.Contains("(mailserver import mbox)", error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_report_file_that_exists_is_not_overwritten(bool asReportItself)
    {
        await SetUpAsync(1, withLarge: false);
        var taken = asReportItself ? File : Report;
        if (!asReportItself) await System.IO.File.WriteAllTextAsync(taken, "mine");
        var before = await System.IO.File.ReadAllTextAsync(taken);
        Assert.Contains("--report", await _server.FailedAsync(2, "import", "mbox", File, "--account", "ann@example.org", "--report", taken), StringComparison.Ordinal);
        Assert.Equal(before, await System.IO.File.ReadAllTextAsync(taken));
    }

    [Fact]
    public async Task A_server_start_waits_for_a_command_but_not_for_another_server()
    {
        await _server.SetUpAsync();
        var waiting = new List<string>();
        var held = DataDirectoryLock.Take(_server.Data, "import maildir");
        var taking = DataDirectoryLock.TakeAsync(_server.Data, "", TimeSpan.FromMinutes(1), waiting.Add, TimeProvider.System, CancellationToken.None);
        held.Dispose();
        using var server = await taking;
        Assert.Contains("(mailserver import maildir)", Assert.Single(waiting), StringComparison.Ordinal);
        await Assert.ThrowsAsync<MailServer.Storage.Sqlite.StoreInUseException>(
            () => DataDirectoryLock.TakeAsync(_server.Data, "", TimeSpan.FromMinutes(1), waiting.Add, TimeProvider.System, CancellationToken.None));
        Assert.Single(waiting);
    }

    private async Task SetUpAsync(int messages, bool withLarge)
    {
        await _server.SetUpAsync("ann@example.org");
        _server.Configure("", ", max_message_size: 100KB");
        var text = string.Concat(Enumerable.Range(0, messages).Select(static i => $"{From}Subject: {i}\n\nx\n\n"));
        if (withLarge) text += $"{From}Message-ID: <large@b.example>\nSubject: large\n\n{new string('x', 200_000)}\n";
        await System.IO.File.WriteAllTextAsync(File, text);
    }

    private Task<(int Code, string Out, string Error)> ImportAsync(params string[] more) => _server.RunAsync(["import", "mbox", File, "--account", "ann@example.org", .. more]);

    private static (int Found, int Filed, int There, int Refused) Counts(string json)
    {
        using var document = JsonDocument.Parse(json);
        var row = document.RootElement[0];
        return (row.GetProperty("found").GetInt32(), row.GetProperty("filed").GetInt32(), row.GetProperty("already_there").GetInt32(), row.GetProperty("refused").GetInt32());
    }
}
