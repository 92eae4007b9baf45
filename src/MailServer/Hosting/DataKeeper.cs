using MailServer.Storage.Directory;
using MailServer.Storage.Health;

namespace MailServer.Hosting;

/// <summary>Looks after the node's data in the background: space on the disk, snapshots, files that were removed, repaired or cleared away by hand.</summary>
internal sealed class DataKeeper : IDisposable
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(5);

    /// <summary>A changed directory is copied again when its snapshot is older.</summary>
    private static readonly TimeSpan s_snapshotAge = TimeSpan.FromHours(1);

    private readonly StoreProblems _stores;
    private readonly DiskReserve _disk;
    private readonly RecoveringDirectory? _directory;
    private readonly Timer _timer;
    private int _isLooking;

    /// <param name="stores">The problems of databases.</param>
    /// <param name="disk">The space that is kept for deleting.</param>
    /// <param name="directory">The node's own directory; null in a cluster, where the shared database has it.</param>
    public DataKeeper(StoreProblems stores, DiskReserve disk, RecoveringDirectory? directory)
    {
        (_stores, _disk, _directory) = (stores, disk, directory);
        _timer = new Timer(_ => Look(), null, TimeSpan.Zero, s_every);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (Interlocked.Exchange(ref _isLooking, 1) == 1) return;
        try
        {
            _disk.Look();
            _stores.Look();
            _directory?.Look(s_snapshotAge);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // Looked at again in a moment.
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }
}
