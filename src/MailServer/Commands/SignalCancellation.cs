using System.Runtime.InteropServices;

namespace MailServer.Commands;

/// <summary>
/// Handles Ctrl-C, SIGTERM and SIGHUP while a command runs. The first signal cancels the command, which restores the terminal and removes unfinished files. If that takes
/// longer than ten seconds, or at a second signal, the process shows the cursor again and exits.
/// </summary>
internal sealed class SignalCancellation : IDisposable
{
    private const int OfSignal = 128;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly (PosixSignal Signal, int Number)[] Signals = [(PosixSignal.SIGINT, 2), (PosixSignal.SIGTERM, 15), (PosixSignal.SIGHUP, 1)];

    private readonly Terminal _terminal;
    private readonly CancellationTokenSource _source;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Timer _deadline;

    public SignalCancellation(Terminal terminal, CancellationToken cancel)
    {
        _terminal = terminal;
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        _deadline = new Timer(_ => End());
        foreach (var (signal, number) in Signals)
            if (!OperatingSystem.IsWindows() || signal == PosixSignal.SIGINT) _registrations.Add(PosixSignalRegistration.Create(signal, context => Hear(context, OfSignal + number)));
    }

    public CancellationToken Token => _source.Token;

    /// <summary>128 plus the number of the first signal; null while there was none.</summary>
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

        _deadline.Change(Patience, Timeout.InfiniteTimeSpan);
        // Not on this thread, which must stay free for the next signal.
        _ = _source.CancelAsync();
    }

    private void End()
    {
        _terminal.ShowCursor();
        Environment.Exit(ExitCode!.Value);
    }
}
