using MailServer.Domain.Timing;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>Checks at the start and every few minutes that the DKIM keys of all domains can be used, so that a problem is known before mail is deferred.</summary>
internal sealed partial class DkimKeyMonitor : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    private readonly PeriodicWork _checking;

    public DkimKeyMonitor(DkimKeyCache keys, ILogger<DkimKeyMonitor> log)
    {
        keys.CheckAll();
        _checking = new PeriodicWork(Every, new ExponentialBackoff(Every, LongestPause), keys.CheckAll, (e, _) => LogFailed(log, e), TimeProvider.System);
    }

    public void Dispose() => _checking.Dispose();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The DKIM keys could not be checked")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
