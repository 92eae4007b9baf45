namespace MailServer.Hosting;

/// <summary>What the server does about a signal.</summary>
internal enum SignalEffect
{
    /// <summary>Sessions end with a goodbye, then the process ends with 0. A second one ends it at once.</summary>
    Stop,

    /// <summary>The log file is opened again, and certificates are read from their files again.</summary>
    Reload,

    /// <summary>The log file is opened again.</summary>
    ReopenLog,

    /// <summary>Nothing.</summary>
    Ignore,

    /// <summary>The runtime ignores it or uses it for itself.</summary>
    Runtime,

    /// <summary>The kernel stops the process or lets it go on.</summary>
    Pause,

    /// <summary>The process ends as if it had crashed: a fault of the program, or a signal that nothing can catch.</summary>
    Crash,
}

/// <summary>One signal of Linux.</summary>
/// <param name="Name">Such as <c>SIGHUP</c>.</param>
/// <param name="Number">Its number on every processor that the server runs on.</param>
/// <param name="Effect">What it does.</param>
internal sealed record SignalRule(string Name, int Number, SignalEffect Effect);

/// <summary>Every signal and what it does to the server; <c>docs/operations.md</c> has the same table in words.</summary>
internal static class SignalTable
{
    /// <summary>The runtime interrupts threads with it; from other processes it does nothing.</summary>
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
        // The limit of processor time (ulimit -t): SIGKILL follows when it is ignored.
        new("SIGXCPU", 24, SignalEffect.Stop),
        // A file at the limit of its size (ulimit -f): the write fails, and the message is deferred.
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
