namespace MailServer.Actors.Queue;

/// <summary>
/// Returns memory to the system after a burst of work: recovery or thousands of messages leave garbage that the runtime would keep. It compacts the heap
/// only when the process is quiet, so the collection delays no work.
/// </summary>
internal sealed class IdleHeapCompactor
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

    internal sealed record CheckMemory
    {
        public static CheckMemory Instance { get; } = new();
    }
}
