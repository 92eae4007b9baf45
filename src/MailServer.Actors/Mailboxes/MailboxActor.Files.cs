using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Mailboxes;

// Files that other tools drop, change or take away.
internal sealed partial class MailboxActor
{
    private MailboxReply.Done Poll(MailboxRequest.Poll request)
    {
        if (Store.ScanFolder(request.Folder) is { } change) Tell(change);
        return MailboxReply.Done.Instance;
    }

    private void LookForDroppedFiles()
    {
        try
        {
            foreach (var folder in _watchers.Folders.ToArray())
                if (Store.ScanFolder(folder) is { } change) Tell(change);
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            LogFailed(e, Account, nameof(LookForDroppedFiles));
            TryRebuildIndex(e);
        }
    }

    private void StopLookingWhenUnwatched()
    {
        if (!_watchers.Any) Timers.Cancel(nameof(LookForFilesNow));
    }
}
