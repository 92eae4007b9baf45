using System.Text.Json;

namespace MailServer.Tests.Commands;

/// <summary><c>sieve check</c> reports all errors of a script.</summary>
public sealed class SieveCommandsTests : IDisposable
{
    private readonly CommandRunner _server = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task A_script_without_errors_passes()
    {
        var file = Write("require \"fileinto\";\nfileinto \"A\";\n");
        Assert.Equal($"{file}: no errors\n", await _server.DoneAsync("sieve", "check", file));
        Assert.Equal("[]", (await _server.DoneAsync("sieve", "check", file, "--json")).ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_error_is_reported_with_its_place_and_a_suggestion()
    {
        var file = Write("kep;\nif heder \"a\" \"b\" { stop; }\n");
        var run = await _server.RunAsync("sieve", "check", file);
        Assert.Equal(1, run.Code);
        var lines = run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.EndsWith($"{file}:1:1: the command 'kep' is not known; did you mean 'keep'?", lines[0], StringComparison.Ordinal);
        Assert.EndsWith($"{file}:2:4: the test 'heder' is not known; did you mean 'header'?", lines[1], StringComparison.Ordinal);
        run = await _server.RunAsync("sieve", "check", file, "--json");
        Assert.Equal((1, ""), (run.Code, run.Error));
        using var read = JsonDocument.Parse(run.Out);
        var second = read.RootElement[1];
        Assert.Equal((2, 4, "did you mean 'header'?"), (second.GetProperty("line").GetInt32(), second.GetProperty("column").GetInt32(), second.GetProperty("suggestion").GetString()));
    }

    [Fact]
    public async Task A_missing_or_large_file_is_refused()
    {
        Assert.Contains("no file", await _server.FailedAsync(1, "sieve", "check", Path.Combine(_server.Folder, "none")), StringComparison.Ordinal);
        Assert.Contains("at most", await _server.FailedAsync(1, "sieve", "check", Write(new string(' ', 2_000_000))), StringComparison.Ordinal);
    }

    private string Write(string script)
    {
        var file = Path.Combine(_server.Folder, "rules.sieve");
        File.WriteAllText(file, script);
        return file;
    }
}
