namespace MailServer.Hosting;

/// <summary>The effect of a signal on the server.</summary>
internal enum SignalEffect
{
    /// <summary>Ends the sessions cleanly and exits with 0. A second one exits immediately.</summary>
    Stop,

    /// <summary>Reopens the log file and reloads certificate files and scripts.</summary>
    Reload,

    /// <summary>Reopens the log file.</summary>
    ReopenLog,

    /// <summary>Has no effect.</summary>
    Ignore,

    /// <summary>The runtime ignores it or uses it for itself.</summary>
    Runtime,

    /// <summary>The kernel stops or continues the process.</summary>
    Pause,

    /// <summary>Kills the process: a program error, or a signal that cannot be caught.</summary>
    Crash,
}

/// <summary>A Linux signal.</summary>
/// <param name="Name">Its name, such as <c>SIGHUP</c>.</param>
/// <param name="Number">Its number, which is the same on all supported architectures.</param>
/// <param name="Effect">Its effect.</param>
internal sealed record SignalRule(string Name, int Number, SignalEffect Effect);

/// <summary>The effect of every signal. <c>docs/operations.md</c> contains the same table.</summary>
internal static class SignalTable
{
    /// <summary>Used by the runtime to interrupt threads; has no effect when sent by other processes.</summary>
    private const int FirstRealTime = 34;

    private const int LastRealTime = 64;

    public static IReadOnlyList<SignalRule> All { get; } =
    [
        new("SIGHUP", 1, SignalEffect.Reload),
        new("SIGINT", 2, SignalEffect.Stop),
        new("SIGQUIT", 3, SignalEffect.Stop),
        new("SIGILL", 4, SignalEffect.Crash),
        new("SIGTRAP", 5, SignalEffect.Crash),
        new("SIGABRT", 6, SignalEffect.Crash),
        new("SIGBUS", 7, SignalEffect.Crash),
        new("SIGFPE", 8, SignalEffect.Crash),
        new("SIGKILL", 9, SignalEffect.Crash),
        new("SIGUSR1", 10, SignalEffect.ReopenLog),
        new("SIGSEGV", 11, SignalEffect.Crash),
        new("SIGUSR2", 12, SignalEffect.Ignore),
        new("SIGPIPE", 13, SignalEffect.Runtime),
        new("SIGALRM", 14, SignalEffect.Ignore),
        new("SIGTERM", 15, SignalEffect.Stop),
        new("SIGSTKFLT", 16, SignalEffect.Ignore),
        new("SIGCHLD", 17, SignalEffect.Runtime),
        new("SIGCONT", 18, SignalEffect.Pause),
        new("SIGSTOP", 19, SignalEffect.Pause),
        new("SIGTSTP", 20, SignalEffect.Pause),
        new("SIGTTIN", 21, SignalEffect.Pause),
        new("SIGTTOU", 22, SignalEffect.Pause),
        new("SIGURG", 23, SignalEffect.Runtime),
        // CPU time limit (ulimit -t); SIGKILL follows if it is ignored.
        new("SIGXCPU", 24, SignalEffect.Stop),
        // File size limit (ulimit -f): the write fails, and the message is deferred.
        new("SIGXFSZ", 25, SignalEffect.Ignore),
        new("SIGVTALRM", 26, SignalEffect.Ignore),
        new("SIGPROF", 27, SignalEffect.Ignore),
        new("SIGWINCH", 28, SignalEffect.Runtime),
        new("SIGIO", 29, SignalEffect.Ignore),
        new("SIGPWR", 30, SignalEffect.Ignore),
        new("SIGSYS", 31, SignalEffect.Crash),
        new("SIGRTMIN", FirstRealTime, SignalEffect.Runtime),
        .. Enumerable.Range(FirstRealTime + 1, LastRealTime - FirstRealTime)
            .Select(static n => new SignalRule(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"SIGRTMIN+{n - FirstRealTime}"), n, SignalEffect.Ignore)),
    ];
}
