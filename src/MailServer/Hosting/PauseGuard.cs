using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>
/// Ends a process that stood still for longer than the other nodes wait (SIGSTOP, a frozen virtual machine, a disk that hung): they have gone on without
/// it, and what it believes to own is theirs. It ends as if it had been killed, which loses nothing that was acknowledged; systemd starts it anew.
/// Should it write before this thread runs again: its stores were locked all the while, so nobody else has written to them.
/// </summary>
internal sealed partial class PauseGuard : IDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    private readonly ManualResetEventSlim _ended = new();
    private readonly TimeSpan _longest;
    private readonly ILogger _log;

    private PauseGuard(TimeSpan longest, ILogger log)
    {
        _longest = longest;
        _log = log;
        // A thread of its own: a busy thread pool is no pause.
        new Thread(Look) { IsBackground = true, Name = nameof(PauseGuard), Priority = ThreadPriority.AboveNormal }.Start();
    }

    public static PauseGuard Start(TimeSpan longest, ILogger log) => new(longest, log);

    public void Dispose() => _ended.Set();

    private void Look()
    {
        var last = Stopwatch.GetTimestamp();
        while (!_ended.Wait(s_look))
        {
            var now = Stopwatch.GetTimestamp();
            var pause = Stopwatch.GetElapsedTime(last, now);
            if (pause > _longest)
            {
                LogPaused(pause);
                using var self = Process.GetCurrentProcess();
                self.Kill();
            }

            last = now;
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The process stood still for {Pause}: the other nodes have gone on without it, so it ends")]
    private partial void LogPaused(TimeSpan pause);
}
