using Akka.Actor;
using MailServer.Actors.Entities;

namespace MailServer.Actors.Mailboxes;

/// <summary>Makes flag changes and removals durable, and then renames the files of changed messages, in turns.</summary>
internal sealed class MailboxFlusher(RecoverableMailbox mailbox, StagedMessages staged, MailboxNotifier notifier, IActorRef self, TimeProvider time)
{
    private const int Slice = 1_000;

    private readonly FlushWindow _window = new(time);

    public bool IsNeeded => mailbox is { IsOpen: true, Store.HasUnflushedChanges: true };

    /// <summary>Begins to wait for more changes.</summary>
    /// <returns>After this time <see cref="TryFlush"/> is due.</returns>
    public TimeSpan BeginWindow()
    {
        _window.Begin();
        return _window.Length;
    }

    /// <summary>Flushes now when a flush is overdue: the timer's message waits behind the whole inbox.</summary>
    public void FlushOverdue()
    {
        if (IsNeeded && _window.IsOver) TrySecure();
    }

    /// <summary>Makes all changes durable and renames some files; continues in later turns.</summary>
    /// <returns>False if renaming failed and must be tried again after <see cref="FlushWindow.AfterFailure"/>.</returns>
    public bool TryFlush()
    {
        if (!TrySecure()) return true;
        try
        {
            var outcome = mailbox.Store.Flush(Slice);
            foreach (var change in outcome.Changes) notifier.Notify(change);
            if (outcome.More) self.Tell(FlushFileNames.Instance);
            return true;
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            return mailbox.Recover(e, "Flush");
        }
    }

    private bool TrySecure()
    {
        try
        {
            staged.Commit();
            mailbox.Store.FlushIndex();
            _window.Succeeded();
            return true;
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            if (!mailbox.Recover(e, "FlushIndex")) _window.Failed();
            return false;
        }
    }
}
