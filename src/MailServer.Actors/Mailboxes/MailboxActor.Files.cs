using MailServer.Domain.Mailboxes;
using MailServer.Domain.Timing;

namespace MailServer.Actors.Mailboxes;

// Files that other programs add, change or remove.
internal sealed partial class MailboxActor
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private BackoffRunner? _looking;

    private MailboxReply.Done Poll(MailboxRequest.Poll request)
    {
        if (Store.ScanFolder(request.Folder) is { } change) Tell(change);
        return MailboxReply.Done.Instance;
    }

    private void LookForDroppedFiles()
    {
        _looking ??= new BackoffRunner(new ExponentialBackoff(LookForFiles, LongestPause), OnNotLooked, _services.Time);
        _looking.TryRun(() =>
        {
            foreach (var folder in _watchers.Folders.ToArray())
                if (Store.ScanFolder(folder) is { } change) Tell(change);
        });
    }

    private void OnNotLooked(Exception failure, TimeSpan pause)
    {
        LogFailed(failure, Account, nameof(LookForDroppedFiles));
        TryRebuildIndex(failure);
    }

    private void StopLookingWhenUnwatched()
    {
        if (!_watchers.Any) Timers.Cancel(nameof(ScanForFiles));
    }
}
