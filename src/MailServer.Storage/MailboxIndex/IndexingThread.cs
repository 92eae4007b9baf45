using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.MailboxIndex;

/// <summary>Runs the batches of all mailboxes of a node, one at a time, on a thread of low priority that exists while there is work.</summary>
public sealed class IndexingThread
{
    private int _isTaken;

    /// <summary>Reserves the thread for a batch that is about to be planned; false while another one runs. Must be followed by <see cref="Run"/> or <see cref="Leave"/>.</summary>
    public bool TryEnter() => Interlocked.CompareExchange(ref _isTaken, 1, 0) == 0;

    /// <summary>Gives the thread back without a batch.</summary>
    public void Leave() => Volatile.Write(ref _isTaken, 0);

    /// <summary>Runs a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="ended">Called on the thread when it has ended: with false if it was not indexed, and the failure if that was unexpected. Must not throw.</param>
    public void Run(IndexingBatch batch, Action<bool, Exception?> ended)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(ended);
        new Thread(() =>
        {
            Posix.LowerPriorityOfThread();
            var (isDone, failure) = Try(batch);
            Leave();
            ended(isDone, failure);
        })
        { IsBackground = true, Name = nameof(IndexingThread) }.Start();
    }

    private static (bool IsDone, Exception? Failure) Try(IndexingBatch batch)
    {
        try
        {
            return (batch.Run(), null);
        }
        catch (Exception e)
        {
            // Whatever is wrong with the index, mail goes on.
            return (false, e);
        }
    }
}
