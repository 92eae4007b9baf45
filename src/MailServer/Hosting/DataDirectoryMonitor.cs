using MailServer.Domain.Timing;
using MailServer.Storage.Directory;
using MailServer.Storage.Health;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>Monitors the node's data in the background: disk space, snapshots, and files that were removed, repaired or replaced by hand.</summary>
internal sealed partial class DataDirectoryMonitor : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>The age of the snapshot after which a changed directory is copied again.</summary>
    private static readonly TimeSpan SnapshotAge = TimeSpan.FromHours(1);

    private readonly StoreProblems _stores;
    private readonly DiskReserve _disk;
    private readonly RecoveringDirectory? _directory;
    private readonly Func<CancellationToken, Task> _compareFolders;
    private readonly PeriodicWork _looking;
    private int _openings;

    /// <param name="stores">Problems of databases.</param>
    /// <param name="disk">The reserve that is released when the disk is full.</param>
    /// <param name="directory">The node's own directory; null in a cluster, which uses the shared database.</param>
    /// <param name="compareFolders">Compares accounts and folders; called after a different directory file was opened.</param>
    /// <param name="log">Logs failures of the check itself.</param>
    public DataDirectoryMonitor(StoreProblems stores, DiskReserve disk, RecoveringDirectory? directory, Func<CancellationToken, Task> compareFolders, ILogger<DataDirectoryMonitor> log)
    {
        (_stores, _disk, _directory, _compareFolders) = (stores, disk, directory, compareFolders);
        _openings = directory?.OpenCount ?? 0;
        _looking = new PeriodicWork(Every, new ExponentialBackoff(Every, LongestPause), LookAsync, (e, _) => LogFailed(log, e), TimeProvider.System);
    }

    public void Dispose() => _looking.Dispose();

    private async Task LookAsync(CancellationToken cancel)
    {
        _disk.Update();
        _stores.ClearResolved();
        if (_directory is null) return;
        _directory.Maintain(SnapshotAge);
        if (_directory.OpenCount is var openings && openings == _openings) return;
        _openings = openings;
        // An older copy may lack accounts whose folders exist.
        await _compareFolders(cancel);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Check of the data directory failed")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
