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

    [Fact]
    public async Task What_cannot_work_is_a_warning_and_no_error()
    {
        var file = Write("stop;\nkeep;\n");
        var run = await _server.RunAsync("sieve", "check", file);
        Assert.Equal((0, $"{file}: no errors\n"), (run.Code, run.Out));
        Assert.Contains($"{file}:2:1: warning: this is never reached, because 'stop' is before it", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dovecot", "main")]
    [InlineData("dovecot inside", "main")]
    [InlineData("dovecot alone", "dovecot")]
    [InlineData("cyrus", "main")]
    [InlineData("old cyrus", "main")]
    [InlineData("none", null)]
    public async Task The_scripts_of_another_server_are_imported_with_the_active_one_and_a_second_time_nothing_changes(string kind, string? active)
    {
        const string User = "ann@example.org";
        await _server.SetUpAsync(User);
        var folder = Directory.CreateDirectory(Path.Combine(_server.Folder, "old", "sieve")).FullName;
        var suffix = kind == "old cyrus" ? ".script" : ".sieve";
        File.WriteAllText(Path.Combine(folder, "main" + suffix), "keep;");
        File.WriteAllText(Path.Combine(folder, "Grüße" + suffix), "stop;");
        File.WriteAllText(Path.Combine(folder, "bad" + suffix), "no script");
        File.WriteAllText(Path.Combine(folder, "notes.txt"), "no script");
        if (kind == "dovecot") File.CreateSymbolicLink(Path.Combine(_server.Folder, "old", ".dovecot.sieve"), "sieve/main.sieve");
        if (kind == "dovecot inside") File.CreateSymbolicLink(Path.Combine(folder, ".dovecot.sieve"), "main.sieve");
        if (kind == "dovecot alone") File.WriteAllText(Path.Combine(folder, ".dovecot.sieve"), "discard;");
        if (kind == "cyrus") File.CreateSymbolicLink(Path.Combine(folder, "defaultbc"), "main.bc");
        if (kind == "old cyrus") File.CreateSymbolicLink(Path.Combine(folder, "default"), "main.script");
        var run = await _server.RunAsync("sieve", "import", User, folder);
        Assert.Equal(1, run.Code);
        Assert.Contains("main\tstored", run.Out, StringComparison.Ordinal);
        Assert.Contains("bad\trefused\tbad:1:1:", run.Out, StringComparison.Ordinal);
        Assert.Contains(active is null ? "--active" : $"{active} is active", run.Error, StringComparison.Ordinal);
        var list = await _server.DoneAsync("sieve", "list", User);
        Assert.Equal(kind == "dovecot alone" ? 3 : 2, list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        if (active is not null) Assert.Contains($"{active}\tyes", list, StringComparison.Ordinal);
        Assert.Contains("main\tunchanged", (await _server.RunAsync("sieve", "import", User, folder)).Out, StringComparison.Ordinal);
        Assert.Contains("no script 'other'", await _server.FailedAsync(1, "sieve", "import", User, folder, "--active", "other"), StringComparison.Ordinal);
    }

    private string Write(string script)
    {
        var file = Path.Combine(_server.Folder, "rules.sieve");
        File.WriteAllText(file, script);
        return file;
    }
}
