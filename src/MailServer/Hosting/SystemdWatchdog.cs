using System.Globalization;
using Akka.Actor;
using MailServer.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>
/// Sends keep-alive notifications to systemd (<c>WatchdogSec</c>) as long as every top-level actor processes messages. Without them systemd restarts the
/// process.
/// </summary>
internal sealed partial class SystemdWatchdog(ActorSystem system, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<SystemdWatchdog> log) : BackgroundService
{
    private const string Interval = "WATCHDOG_USEC";
    private const string Process = "WATCHDOG_PID";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var notifier = new SystemdNotifier();
        if (!notifier.IsEnabled) return;
        // The host notifies systemd only when systemd is its parent; here a wrapper may be in between.
        if (!SystemdHelpers.IsSystemdService()) lifetime.ApplicationStarted.Register(() => notifier.Notify(ServiceState.Ready));
        if (Requested() is not { } within) return;
        // sd_watchdog_enabled(3) recommends half of the interval.
        using var timer = new PeriodicTimer(within / 2, time);
        do
        {
            var (silent, _) = await ActorHealthProbe.ProbeAsync(system, deep: false, within / 4);
            if (silent.Count == 0) notifier.Notify(new ServiceState("WATCHDOG=1"));
            else LogSilent(silent);
        }
        while (await NextAsync(timer, stoppingToken));
    }

    private static TimeSpan? Requested()
    {
        if (Environment.GetEnvironmentVariable(Process) is { Length: > 0 } process && process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)) return null;
        return long.TryParse(Environment.GetEnvironmentVariable(Interval), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken stopping)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "Watchdog notification to systemd withheld: no response from {Actors}")]
    private partial void LogSilent(IReadOnlyList<string> actors);
}
