using System.Runtime.InteropServices;

namespace MailServer.Commands;

/// <summary>
/// Ctrl-C, SIGTERM and SIGHUP while a command runs. The first cancels it, so that it leaves the terminal and unfinished files as it found them; when that takes too long,
/// and at the second, the cursor is shown again and the process ends.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private const int OfSignal = 128;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly (PosixSignal Signal, int Number)[] s_signals = [(PosixSignal.SIGINT, 2), (PosixSignal.SIGTERM, 15), (PosixSignal.SIGHUP, 1)];

    private readonly Terminal _terminal;
    private readonly CancellationTokenSource _source;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Timer _deadline;

    public Interruption(Terminal terminal, CancellationToken cancel)
    {
        _terminal = terminal;
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        _deadline = new Timer(_ => End());
        foreach (var (signal, number) in s_signals)
            if (!OperatingSystem.IsWindows() || signal == PosixSignal.SIGINT) _registrations.Add(PosixSignalRegistration.Create(signal, context => Hear(context, OfSignal + number)));
    }

    public CancellationToken Token => _source.Token;

    /// <summary>What the process returns, as after any signal; null: there was none.</summary>
    public int? ExitCode { get; private set; }

    public void Dispose()
    {
        _registrations.ForEach(static r => r.Dispose());
        _deadline.Dispose();
        _source.Dispose();
    }

    private void Hear(PosixSignalContext context, int exitCode)
    {
        context.Cancel = true;
        var isFirst = ExitCode is null;
        ExitCode ??= exitCode;
        if (!isFirst)
        {
            End();
            return;
        }

        _deadline.Change(s_patience, Timeout.InfiniteTimeSpan);
        // Off this thread, which must be free for the next signal.
        _ = _source.CancelAsync();
    }

    private void End()
    {
        _terminal.ShowCursor();
        Environment.Exit(ExitCode!.Value);
    }
}
