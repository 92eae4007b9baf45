using System.Runtime.InteropServices;

namespace MailServer.Hosting;

/// <summary>
/// Takes the signals of <see cref="SignalTable"/> from the first moment of <c>serve</c>: none that a daemon is sent in everyday life ends it by accident.
/// What came before the server could act on it is done as soon as it can.
/// </summary>
internal sealed class ServerSignals : IDisposable
{
    // 'timeout' and others send a signal to the process and to its group: that is one wish.
    private static readonly TimeSpan s_sameWish = TimeSpan.FromMilliseconds(500);

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

    /// <summary>Cancelled when the server is to stop.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>A signal asked the server to stop.</summary>
    public bool IsStopAsked
    {
        get
        {
            lock (_lock) return _stoppingSince is not null;
        }
    }

    /// <summary>Takes signals from now on.</summary>
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

    /// <summary>For tests: takes no signals, and is told of them by <see cref="Receive"/>.</summary>
    internal static ServerSignals Unregistered(TimeProvider time) => new(time, CancellationToken.None);

    /// <summary>Says what is to be done; signals that came before are performed now.</summary>
    /// <param name="perform">Reloads, or opens the log again.</param>
    /// <param name="endAtOnce">Ends the process without goodbyes: a second signal to stop.</param>
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

    /// <summary>Acts on a signal.</summary>
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
        // Those that the framework has no name for it takes by their number.
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
            if (!isFirst && _time.GetElapsedTime(_stoppingSince!.Value) < s_sameWish) return;
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
            // The server has stopped already.
        }
    }
}
