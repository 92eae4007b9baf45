namespace MailServer.Actors.Queue;

/// <summary>
/// Gives memory back after a wave: a recovery, or thousands of messages, leave garbage that the runtime would keep for the next wave, however long that
/// takes to come. Only when it is quiet, so that nobody waits for the collection.
/// </summary>
internal sealed class MemoryReturn
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private const long Wave = 128L * 1024 * 1024;
    private const long Quiet = 8L * 1024 * 1024;

    private long _last;
    private long _returned;

    public void Check()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var lately = allocated - _last;
        _last = allocated;
        if (lately > Quiet || allocated - _returned < Wave) return;
        _returned = allocated;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    internal sealed record Look
    {
        public static Look Instance { get; } = new();
    }
}
