using System.Diagnostics;
using System.Globalization;
using MailServer.Network.Acme;

namespace MailServer.Network.Tests.Acme;

/// <summary>The dns-01 hook of the administrator: its whole process tree ends with it, however it ends.</summary>
public sealed class DnsHookTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly ChallengeAnswer Answer = new("mail.test", "token", "token.thumbprint");

    // Hooks in different states when they must end: each writes the ids of its processes.
    private static readonly (string Name, string Script)[] Hooks =
    [
        ("waits", "echo $$ >>PIDS; exec sleep 300"),
        ("waits for a child", "echo $$ >>PIDS; sleep 300 & echo $! >>PIDS; wait"),
        ("has a grandchild", "echo $$ >>PIDS; sh -c 'echo $$ >>PIDS; sleep 300 & echo $! >>PIDS; wait'"),
        ("ignores signals", "trap '' TERM HUP INT; echo $$ >>PIDS; sleep 300; sleep 300"),
        ("talks", "echo $$ >>PIDS; exec yes"),
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hook-");

    private string Pids => Path.Combine(_folder.FullName, "pids");

    public static TheoryData<string, string> Endings()
    {
        var data = new TheoryData<string, string>();
        foreach (var (name, _) in Hooks)
            foreach (var way in new[] { "cancelled", "server stops", "too late" }) data.Add(name, way);
        return data;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task A_terminated_hook_leaves_no_process(string name, string way)
    {
        using var hook = new DnsHookChallenges(Write(Hooks.Single(h => h.Name == name).Script), way == "too late" ? TimeSpan.FromSeconds(1) : Patience);
        using var cancel = new CancellationTokenSource();
        var running = hook.PresentAsync(Answer, cancel.Token);
        await UntilAsync(() => File.Exists(Pids) && File.ReadAllText(Pids).EndsWith('\n'));
        if (way == "cancelled") await cancel.CancelAsync();
        if (way == "server stops") hook.Dispose();
        var failed = await Record.ExceptionAsync(() => running.WaitAsync(Patience));
        if (way == "cancelled") Assert.IsAssignableFrom<OperationCanceledException>(failed);
        else Assert.Contains(way == "too late" ? "took longer than" : "the server is stopping", Assert.IsType<AcmeException>(failed).Message, StringComparison.Ordinal);
        await UntilAsync(() => File.ReadLines(Pids).All(static pid => !IsAlive(pid)));
    }

    [Fact]
    public async Task Background_processes_of_a_hook_are_ended_with_it_and_not_waited_for()
    {
        using var hook = new DnsHookChallenges(Write("sleep 300 & echo $! >>PIDS"), Patience);
        var watch = Stopwatch.StartNew();
        await hook.PresentAsync(Answer, CancellationToken.None);
        Assert.True(watch.Elapsed < Patience);
        await UntilAsync(() => File.ReadLines(Pids).All(static pid => !IsAlive(pid)));
    }

    [Theory]
    [InlineData("echo '_acme: no such zone' >&2; exit 3", "present ended with 3: _acme: no such zone")]
    [InlineData("echo 'on standard output'; exit 1", "present ended with 1: on standard output")]
    [InlineData("kill -SEGV $$", "present ended with 139")]
    [InlineData("head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 4", "present ended with 4: xxx")]
    [InlineData("read line && exit 5; exit 6", "present ended with 6")]
    public async Task The_output_of_a_failed_hook_is_quoted(string script, string words)
    {
        using var hook = new DnsHookChallenges(Write(script), Patience);
        var failed = await Assert.ThrowsAsync<AcmeException>(() => hook.PresentAsync(Answer, CancellationToken.None));
        Assert.Contains(words, failed.Message, StringComparison.Ordinal);
        Assert.True(failed.Message.Length < 1_000);
    }

    [Fact]
    public async Task A_hook_that_is_missing_or_not_executable_cannot_be_started()
    {
        var text = Path.Combine(_folder.FullName, "text");
        await File.WriteAllTextAsync(text, "no program");
        foreach (var path in new[] { Path.Combine(_folder.FullName, "missing"), text })
        {
            using var hook = new DnsHookChallenges(path, Patience);
            var failed = await Assert.ThrowsAsync<AcmeException>(() => hook.PresentAsync(Answer, CancellationToken.None));
            Assert.Contains(path + " cannot be started", failed.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task No_hook_starts_after_the_server_has_stopped()
    {
        var hook = new DnsHookChallenges(Write("echo $$ >>PIDS"), Patience);
        hook.Dispose();
        await hook.WithdrawAsync(Answer);
        Assert.False(File.Exists(Pids));
    }

    private static bool IsAlive(string pid)
    {
        try
        {
            using var process = Process.GetProcessById(int.Parse(pid, CultureInfo.InvariantCulture));
            // A killed orphan is a zombie (Z) until init reaps it.
            return !process.HasExited && !(OperatingSystem.IsLinux() && File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            return false;
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < Patience, "did not happen in time");
            await Task.Delay(20);
        }
    }

    private string Write(string script)
    {
        var path = Path.Combine(_folder.FullName, "hook");
        File.WriteAllText(path, "#!/bin/sh\n" + script.Replace("PIDS", Pids, StringComparison.Ordinal) + "\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }
}
