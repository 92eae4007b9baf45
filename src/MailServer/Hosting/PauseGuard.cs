using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>
/// Kills a process that was suspended for longer than the other nodes wait (SIGSTOP, a frozen virtual machine, a hung disk): they have taken over its
/// accounts. As with any kill, nothing acknowledged is lost, and systemd restarts the process. If it writes before this thread runs again, no data is
/// damaged: it still holds the locks of its stores, so no other node has opened them.
/// </summary>
internal sealed partial class PauseGuard : IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    private readonly ManualResetEventSlim _ended = new();
    private readonly TimeSpan _longest;
    private readonly ILogger _log;

    private PauseGuard(TimeSpan longest, ILogger log)
    {
        _longest = longest;
        _log = log;
        // A thread of its own: a busy thread pool must not count as a suspension.
        new Thread(Look) { IsBackground = true, Name = nameof(PauseGuard), Priority = ThreadPriority.AboveNormal }.Start();
    }

    public static PauseGuard Start(TimeSpan longest, ILogger log) => new(longest, log);

    public void Dispose() => _ended.Set();

    private void Look()
    {
        var last = Stopwatch.GetTimestamp();
        while (!_ended.Wait(LookInterval))
        {
            var now = Stopwatch.GetTimestamp();
            var pause = Stopwatch.GetElapsedTime(last, now);
            if (pause > _longest)
            {
                LogPaused(pause.TotalSeconds);
                using var self = Process.GetCurrentProcess();
                self.Kill();
            }

            last = now;
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "Process was suspended for {Seconds:0.0} seconds: the other nodes have taken over, so it exits")]
    private partial void LogPaused(double seconds);
}
