using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Storage.MailboxIndex;

namespace MailServer.Actors.Mailboxes;

/// <summary>
/// Keeps the text index of the mailbox complete. The actor only selects the next messages and opens their files; another thread reads them and writes the index. While mail arrives, indexing waits, or
/// proceeds slowly if that takes long.
/// </summary>
internal sealed class TextIndexing(RecoverableMailbox mailbox, IndexingThread thread, IActorRef self, TimeProvider time)
{
    private const int BatchMessages = 64;

    /// <summary>This many messages at once are worth a line in the log.</summary>
    private const int Many = 1_000;

    /// <summary>Without new mail for this time, indexing begins.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    /// <summary>Mail that arrives all the time delays indexing no longer than this.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan WhileThreadIsTaken = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(30);

    /// <summary>The file is closed when it was not used for this time.</summary>
    private static readonly TimeSpan BeforeClosing = TimeSpan.FromSeconds(10);

    private TimeSpan _pause = Quiet;
    private long _mailAt;
    private long? _waitingSince;
    private long _searches;
    private long _indexed;
    private bool _isRunning;

    /// <summary>The time until <see cref="Continue"/> is due; null if there is nothing to do.</summary>
    public TimeSpan? NextIn
    {
        get
        {
            if (_isRunning || !mailbox.IsOpen) return null;
            if (mailbox.Store.NeedsIndexing) return _pause;
            return mailbox.Store.TextIndexSearches is null ? null : BeforeClosing;
        }
    }

    private bool MailArrives => _mailAt != 0 && time.GetElapsedTime(_mailAt) < Quiet;

    /// <summary>Notes that mail has arrived.</summary>
    public void OnMail() => _mailAt = time.GetTimestamp();

    /// <summary>Begins with the next messages, or closes the file if nothing needs it.</summary>
    public void Continue()
    {
        if (_isRunning || !mailbox.IsOpen) return;
        if (!mailbox.Store.NeedsIndexing)
        {
            CloseIfUnused();
            return;
        }

        _waitingSince ??= time.GetTimestamp();
        if (MailArrives && time.GetElapsedTime(_waitingSince.Value) < LongestDelay) _pause = Quiet;
        else if (!thread.TryEnter()) _pause = WhileThreadIsTaken;
        else Begin();
    }

    /// <summary>Handles the end of a batch.</summary>
    public void OnEnded(bool isDone, Exception? failure)
    {
        _isRunning = false;
        if (failure is not null) mailbox.Log.Failed(failure, "Indexing");
        _pause = !isDone ? AfterFailure : MailArrives ? Quiet : TimeSpan.Zero;
        if (!mailbox.IsOpen) return;
        if (!isDone) mailbox.Store.DropIndexing();
        else if (!mailbox.Store.NeedsIndexing) Complete();
    }

    private void Begin()
    {
        var batch = Plan();
        if (batch is null)
        {
            thread.Leave();
            Complete();
            // If messages are left, the index cannot be used now.
            _pause = mailbox is { IsOpen: true, Store.NeedsIndexing: true } ? AfterFailure : Quiet;
            return;
        }

        _isRunning = true;
        _indexed += batch.Count;
        thread.Run(batch, (isDone, failure) => self.Tell(new IndexingEnded(isDone, failure), ActorRefs.NoSender));
    }

    /// <summary>Everything is indexed. The next mail begins a new wait.</summary>
    private void Complete()
    {
        if (_indexed >= Many) mailbox.Log.Indexed(_indexed, time.GetElapsedTime(_waitingSince!.Value));
        (_waitingSince, _indexed) = (null, 0);
    }

    private IndexingBatch? Plan()
    {
        try
        {
            return mailbox.Store.PlanIndexing(BatchMessages);
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            mailbox.Recover(e, "PlanIndexing");
            return null;
        }
    }

    private void CloseIfUnused()
    {
        if (mailbox.Store.TextIndexSearches is not { } searches) return;
        if (searches == _searches) mailbox.Store.CloseTextIndex();
        _searches = searches;
    }
}
