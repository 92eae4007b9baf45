using System.Collections;
using System.Globalization;
using MailServer.Commands;
using MailServer.Network.Tests;
using MailServer.Tests.Commands;

namespace MailServer.Tests.Hosting;

/// <summary>
/// Everything that the server keeps in its data directory × what can be wrong with it: the server starts and reports the problem, or it does not start and
/// prints one line that names the entry.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class FailedStartTests : IAsyncLifetime
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly CommandRunner _commands = new();

    /// <summary>What can be wrong with a file or folder, by name.</summary>
    private static readonly IReadOnlyDictionary<string, Action<string>> Faults = new Dictionary<string, Action<string>>(StringComparer.Ordinal)
    {
        ["damaged"] = static path => File.WriteAllText(path, "no key, no database\n"),
        ["empty"] = static path => File.WriteAllText(path, ""),
        ["a folder"] = static path => Directory.CreateDirectory(Path.Combine(path, "inside")),
        ["a link to nothing"] = static path => File.CreateSymbolicLink(path, "/nonexistent/place/file"),
        ["a link to itself"] = static path => File.CreateSymbolicLink(path, path),
    };

    public static TheoryData<string> FaultNames => [.. Faults.Keys];

    public async Task InitializeAsync()
    {
        Configure("");
        await _commands.SetUpAsync("ann@example.org");
        Assert.Equal(0, (await ServeAsync()).Code);
    }

    public Task DisposeAsync()
    {
        _commands.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(FaultNames))]
    public async Task A_start_with_something_wrong_in_the_data_directory_succeeds_or_names_it_in_one_line(string fault)
    {
        var good = Path.Combine(_commands.Folder, "good");
        Directory.Move(_commands.Data, good);
        var entries = Directory.EnumerateFileSystemEntries(good, "*", SearchOption.AllDirectories).Select(e => Path.GetRelativePath(good, e))
            .Where(static e => !e.EndsWith("-wal", StringComparison.Ordinal) && !e.EndsWith("-shm", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();
        Assert.Superset(new HashSet<string>(["access.db", "journal.db", "lock", "mail.db", "maildir", "push.key", "sign-in.key", "spool", "srs.key"], StringComparer.Ordinal), entries.ToHashSet(StringComparer.Ordinal));
        var faults = new List<string>();
        foreach (var entry in entries)
        {
            Copy(good, _commands.Data);
            Remove(Path.Combine(_commands.Data, entry));
            Faults[fault](Path.Combine(_commands.Data, entry));
            if (FaultOf(await ServeAsync(), entry) is { } found) faults.Add($"{entry} is {fault}: {found}");
            Remove(_commands.Data);
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Theory]
    [InlineData("storage: {data_dir: /proc/mailserver}", "/proc/mailserver")]
    [InlineData("storage: {data_dir: FOLDER/file}", "file")]
    [InlineData("storage: {data_dir: FOLDER/file/below}", "file")]
    [InlineData("storage: {data_dir: FOLDER/missing}", "migrate")]
    [InlineData("storage: {data_dir: FOLDER/data, maildir_path: FOLDER/file}", "file")]
    [InlineData("storage: {data_dir: FOLDER/data, database_path: FOLDER/none/mail.db}", "migrate")]
    public async Task A_start_with_an_unusable_path_fails_with_one_line(string storage, string named)
    {
        await File.WriteAllTextAsync(Path.Combine(_commands.Folder, "file"), "");
        Configure("", storage.Replace("FOLDER", _commands.Folder, StringComparison.Ordinal));
        var run = await ServeAsync();
        Assert.True(run.Code is 1 or 78, $"{run.Code}: {run.Error}");
        Assert.Null(FaultOf(run, named));
    }

    [Theory]
    [InlineData("/proc/mailserver")]
    [InlineData("/dev/null/mailserver")]
    [InlineData("FOLDER/file")]
    [InlineData("FOLDER/file/below")]
    public async Task Data_in_a_place_that_takes_no_folders_is_refused_in_one_line(string place)
    {
        await File.WriteAllTextAsync(Path.Combine(_commands.Folder, "file"), "");
        var folder = place.Replace("FOLDER", _commands.Folder, StringComparison.Ordinal);
        var local = await _commands.RunExactlyAsync("", ["localserve", "--data-dir", folder]);
        Assert.Equal((1, 1), (local.Code, local.Error.Count(static c => c == '\n')));
        Assert.Contains($"the folder {folder}", local.Error, StringComparison.Ordinal);
        Configure("", $"storage: {{data_dir: {folder}}}");
        Assert.Contains($"the folder {folder}", await _commands.FailedAsync(1, "migrate"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_has_the_reason_and_at_level_debug_the_stack()
    {
        var spool = Path.Combine(_commands.Data, "spool");
        if (Directory.Exists(spool)) Directory.Delete(spool, recursive: true);
        await File.WriteAllTextAsync(spool, "");
        var line = (await ServeAsync()).Error;
        var log = await File.ReadAllTextAsync(Log);
        Assert.Contains("Start failed: ", log, StringComparison.Ordinal);
        Assert.Contains("spool", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
        Configure(", level: debug");
        await ServeAsync();
        Assert.Contains("   at ", await File.ReadAllTextAsync(Log), StringComparison.Ordinal);
    }

    private string Log => Path.Combine(_commands.Folder, "server.log");

    private void Configure(string logging, string? storage = null)
    {
        string Port() => FreePort.Take().ToString(CultureInfo.InvariantCulture);
        _commands.ConfigureExactly($$"""
            server: {hostname: mail.example.org, listen: 127.0.0.1, smtp_port: {{Port()}}, submission_port: 0, smtps_port: 0, imap_port: 0, imaps_port: 0, dav_port: {{Port()}}}
            {{storage ?? $"storage: {{data_dir: {_commands.Data}}}"}}
            security: {argon2_memory: 64KB, argon2_passes: 1}
            push: {enabled: true}
            dns: {servers: ['127.0.0.1:1']}
            logging: {output: {{Log}}{{logging}}}
            """);
    }

    /// <summary>Starts the server, and stops it as soon as it has started.</summary>
    private async Task<(int Code, string Out, string Error)> ServeAsync()
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var stop = new CancellationTokenSource(Longest);
        var shell = new Shell { Out = output, Error = error, In = TextReader.Null, OutIsTerminal = false, PromptSecret = null, Environment = new Hashtable() };
        File.Delete(Log);
        var running = CommandLine.RunAsync(["serve", "--config", _commands.Config], shell, stop.Token);
        while (!running.IsCompleted)
        {
            // Written when every port is open.
            if (File.Exists(Log) && (await File.ReadAllTextAsync(Log)).Contains(" starting as ", StringComparison.Ordinal)) await stop.CancelAsync();
            await Task.WhenAny(running, Task.Delay(20));
        }

        return (await running, output.ToString(), error.ToString());
    }

    /// <summary>What is wrong with the answer to a start; null if it is right.</summary>
    private static string? FaultOf((int Code, string Out, string Error) run, string entry)
    {
        if (run.Code == 0) return run.Out.Length == 0 ? null : $"printed {run.Out}";
        var lines = run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (run.Code is not (1 or 78) || run.Out.Length > 0 || lines.Length != 1) return $"{run.Code}: {run.Out}{run.Error}";
        if (lines[0].Contains("Exception", StringComparison.Ordinal) || !lines[0].Contains(Path.GetFileName(entry), StringComparison.Ordinal)) return lines[0];
        return lines[0].Contains("; ", StringComparison.Ordinal) || lines[0].Contains(": ", StringComparison.Ordinal) ? null : $"no remedy: {lines[0]}";
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.EnumerateDirectories(from)) Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        // The socket is not copied; the server makes it.
        foreach (var file in Directory.EnumerateFiles(from).Where(static f => !f.EndsWith(".sock", StringComparison.Ordinal))) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static void Remove(string path)
    {
        if (new FileInfo(path).LinkTarget is null && Directory.Exists(path)) Directory.Delete(path, recursive: true);
        else File.Delete(path);
    }
}
