using System.Runtime.InteropServices;

namespace MailServer.Hosting;

/// <summary>
/// Handles the signals of <see cref="SignalTable"/> from the start of <c>serve</c>, so that no signal commonly sent to daemons kills it by accident. Signals
/// that arrive before the server is ready are handled as soon as it is.
/// </summary>
internal sealed class ServerSignals : IDisposable
{
    // 'timeout' and others send a signal to the process and to its group: that counts once.
    private static readonly TimeSpan SameWish = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly CancellationTokenSource _stop;
    private readonly TimeProvider _time;
    private readonly List<SignalRule> _early = [];
    private Action<SignalRule>? _perform;
    private Action<SignalRule>? _endAtOnce;
    private long? _stoppingSince;

    private ServerSignals(TimeProvider time, CancellationToken cancel)
    {
        _time = time;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
    }

    /// <summary>Cancelled by a stop request.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>Whether a signal requested a stop.</summary>
    public bool IsStopRequested
    {
        get
        {
            lock (_lock) return _stoppingSince is not null;
        }
    }

    /// <summary>Registers the handlers.</summary>
    public static ServerSignals Listen(TimeProvider time, CancellationToken cancel)
    {
        var signals = new ServerSignals(time, cancel);
        foreach (var rule in SignalTable.All)
        {
            if (IsTaken(rule.Effect)) signals._registrations.Add(PosixSignalRegistration.Create(Of(rule), context =>
            {
                context.Cancel = true;
                signals.Receive(rule);
            }));
        }

        return signals;
    }

    /// <summary>For tests: registers no handlers; signals are passed to <see cref="Receive"/>.</summary>
    internal static ServerSignals Unregistered(TimeProvider time) => new(time, CancellationToken.None);

    /// <summary>Sets the actions. Signals received earlier are handled now.</summary>
    /// <param name="perform">Reloads, or reopens the log.</param>
    /// <param name="endAtOnce">Exits immediately, for a second stop signal.</param>
    public void Attach(Action<SignalRule> perform, Action<SignalRule> endAtOnce)
    {
        SignalRule[] early;
        lock (_lock)
        {
            (_perform, _endAtOnce) = (perform, endAtOnce);
            early = [.. _early.Distinct()];
            _early.Clear();
        }

        foreach (var rule in early) perform(rule);
    }

    /// <summary>Handles a signal.</summary>
    internal void Receive(SignalRule rule)
    {
        if (rule.Effect == SignalEffect.Stop) Stop(rule);
        else if (rule.Effect is SignalEffect.Reload or SignalEffect.ReopenLog) Perform(rule);
    }

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _stop.Dispose();
    }

    private static bool IsTaken(SignalEffect effect) =>
        !OperatingSystem.IsWindows() && effect is SignalEffect.Stop or SignalEffect.Reload or SignalEffect.ReopenLog or SignalEffect.Ignore;

    private static PosixSignal Of(SignalRule rule) => rule.Name switch
    {
        "SIGHUP" => PosixSignal.SIGHUP,
        "SIGINT" => PosixSignal.SIGINT,
        "SIGQUIT" => PosixSignal.SIGQUIT,
        "SIGTERM" => PosixSignal.SIGTERM,
        // The framework accepts signals without a name by their number.
        _ => (PosixSignal)rule.Number,
    };

    private void Perform(SignalRule rule)
    {
        Action<SignalRule>? perform;
        lock (_lock)
        {
            perform = _perform;
            if (perform is null) _early.Add(rule);
        }

        perform?.Invoke(rule);
    }

    private void Stop(SignalRule rule)
    {
        Action<SignalRule>? endAtOnce;
        lock (_lock)
        {
            var isFirst = _stoppingSince is null;
            if (!isFirst && _time.GetElapsedTime(_stoppingSince!.Value) < SameWish) return;
            _stoppingSince ??= _time.GetTimestamp();
            endAtOnce = isFirst ? null : _endAtOnce;
            if (isFirst) ThreadPool.QueueUserWorkItem(static signals => signals.RequestStop(), this, preferLocal: false);
        }

        endAtOnce?.Invoke(rule);
    }

    private void RequestStop()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The server has already stopped.
        }
    }
}
