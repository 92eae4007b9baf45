using System.Diagnostics;

namespace MailServer.Network.Acme;

/// <summary>
/// Runs a program of the administrator that ends with the server in every case. The program leads its own process group, together with a guard that reads
/// from a pipe of the server: when the pipe is closed, by the server or by the kernel after SIGKILL, the guard kills the group.
/// </summary>
internal static class HookProcess
{
    private const string Shell = "/bin/sh";
    private const int MostWords = 4_000;

    // The guard must not hold standard error, whose end is awaited. Remaining processes of the group are killed with it.
    private const string Guarded = """
        exec 3<&0
        (cat <&3; kill -KILL 0) </dev/null >/dev/null 2>&1 &
        "$0" "$@" </dev/null 3<&- >&2
        code=$?
        trap '' TERM
        kill -TERM 0
        exit $code
        """;

    private static readonly string[] Setsid = ["/usr/bin/setsid", "/bin/setsid"];
    private static readonly TimeSpan End = TimeSpan.FromSeconds(2);

    /// <summary>Runs the program until it exits; if <paramref name="cancel"/> is cancelled first, all processes of its group are killed.</summary>
    /// <returns>The exit code and the beginning of the output.</returns>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    /// <exception cref="OperationCanceledException">The program was killed.</exception>
    public static async Task<(int ExitCode, string Words)> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        // A container may have no shell; all its processes end with the server there.
        var setsid = File.Exists(Shell) ? Array.Find(Setsid, File.Exists) : null;
        var start = setsid is null ? new ProcessStartInfo(program, arguments) : new ProcessStartInfo(setsid, [Shell, "-c", Guarded, program, .. arguments]);
        start.UseShellExecute = false;
        start.RedirectStandardInput = true;
        start.RedirectStandardError = true;
        cancel.ThrowIfCancellationRequested();
        using var process = Process.Start(start) ?? throw new System.ComponentModel.Win32Exception();
        if (setsid is null) process.StandardInput.Close();
        var words = ReadAsync(process.StandardError);
        try
        {
            await process.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            await KillAsync(process, isGuarded: setsid is not null);
            throw;
        }

        return (process.ExitCode, await InTimeAsync(words));
    }

    /// <summary>Limits the wait: a process that the program started in another group may keep the stream open.</summary>
    private static async Task<string> InTimeAsync(Task<string> words)
    {
        try
        {
            return await words.WaitAsync(End, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            return "";
        }
    }

    private static async Task KillAsync(Process process, bool isGuarded)
    {
        if (isGuarded)
        {
            process.StandardInput.Close();
            using var patience = new CancellationTokenSource(End);
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!process.HasExited) process.Kill(entireProcessTree: true);
    }

    /// <summary>Reads to the end, so that the program never blocks, and returns the beginning.</summary>
    private static async Task<string> ReadAsync(StreamReader reader)
    {
        var kept = new char[MostWords];
        var count = await reader.ReadBlockAsync(kept);
        var rest = new char[MostWords];
        while (await reader.ReadAsync(rest) > 0)
        {
        }

        return new string(kept, 0, count).Trim();
    }
}
