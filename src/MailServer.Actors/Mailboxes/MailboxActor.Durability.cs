using Akka.Actor;

namespace MailServer.Actors.Mailboxes;

// Makes flag changes and removals durable within a second after the reply (docs/durability.md), many with one flush.
internal sealed partial class MailboxActor
{
    private static readonly TimeSpan SecureAfter = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(10);

    private TimeSpan _patience = SecureAfter;
    private long _unsecuredSince;

    /// <summary>Flushes now when a flush is overdue: the timer's message waits behind the whole inbox.</summary>
    private void SecureOverdue()
    {
        if (_store is { HasUnflushedChanges: true } && _services.Time.GetElapsedTime(_unsecuredSince) >= _patience) TrySecure();
    }

    private void FlushLater()
    {
        if (_store is not { HasUnflushedChanges: true } || Timers.IsTimerActive(nameof(FlushFileNames))) return;
        _unsecuredSince = _services.Time.GetTimestamp();
        Timers.StartSingleTimer(nameof(FlushFileNames), FlushFileNames.Instance, _patience);
    }

    private void Flush()
    {
        if (!TrySecure()) return;
        try
        {
            var outcome = Store.Flush(FlushSlice);
            foreach (var change in outcome.Changes) Tell(change);
            if (outcome.More) Self.Tell(FlushFileNames.Instance);
        }
        catch (Exception e) when (IsStorageFailure(e))
        {
            LogFailed(e, Account, nameof(Flush));
            if (TryRebuildIndex(e)) return;
            Timers.StartSingleTimer(nameof(TryAgainAfter), FlushFileNames.Instance, TryAgainAfter);
        }
    }

    private bool TrySecure()
    {
        try
        {
            CommitStaged();
            Store.FlushIndex();
            _patience = SecureAfter;
            return true;
        }
        catch (Exception e) when (IsStorageFailure(e))
        {
            LogFailed(e, Account, nameof(TrySecure));
            if (TryRebuildIndex(e)) return false;
            _patience = TryAgainAfter;
            _unsecuredSince = _services.Time.GetTimestamp();
            return false;
        }
    }
}
