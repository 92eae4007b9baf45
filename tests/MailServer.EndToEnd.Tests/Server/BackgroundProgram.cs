using System.Diagnostics;
using System.Text;

namespace MailServer.EndToEnd.Tests.Server;

/// <summary>A program that runs until it is interrupted, with its child processes in one process group.</summary>
public sealed class BackgroundProgram : IAsyncDisposable
{
    private readonly StringBuilder _output = new();
    private readonly Process _process;

    public BackgroundProgram(string folder, string program, params string[] arguments)
    {
        // setsid replaces itself with the program, whose process id is then the group id. A test run in the background may ignore SIGINT, and the program would inherit that.
        var start = new ProcessStartInfo("setsid", ["env", "--default-signal=INT", program, .. arguments])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_ROOT"] = ProjectPaths.DotnetRoot;
        _process = Process.Start(start) ?? throw new InvalidOperationException("cannot start " + program);
        _process.OutputDataReceived += (_, e) => Add(e.Data);
        _process.ErrorDataReceived += (_, e) => Add(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasEnded => _process.HasExited;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Sends SIGINT to the whole group, like Ctrl-C. Returns the exit code.</summary>
    public async Task<int> InterruptAsync()
    {
        await Signals.SendToGroupAsync(_process.Id, "INT");
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await Signals.SendToGroupAsync(_process.Id, "KILL");
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Add(string? line)
    {
        lock (_output)
        {
            _output.Append(line).Append('\n');
        }
    }
}
