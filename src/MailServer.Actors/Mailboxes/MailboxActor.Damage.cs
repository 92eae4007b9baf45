using MailServer.Storage.Directory;
using MailServer.Storage.Health;
using MailServer.Storage.MailboxIndex;
using MailServer.Storage.Sqlite;

namespace MailServer.Actors.Mailboxes;

// A damaged index is set aside and rebuilt from the message files, without a restart.
internal sealed partial class MailboxActor
{
    private string Subject => $"{DatabaseKind.Index.Name} of user_{Account}";

    /// <summary>
    /// Called after a failure: rebuilds the mailbox's index if it is damaged. Folder and message numbers are stored in the files, so sessions continue.
    /// True when the request can be retried.
    /// </summary>
    private bool TryRebuildIndex(Exception failure)
    {
        if (_store is not { IsIndexDamaged: true } damaged) return false;
        RefuseAccepted();
        (_store, _problemsLogged) = (null, 0);
        try
        {
            damaged.Dispose();
            OpenStore();
            _services.Stores.Replaced(Subject, failure.Message, damaged.SetAsideIndex, DatabaseKind.Index.Lost);
            return true;
        }
        catch (Exception e) when (IsStorageFailure(e))
        {
            OnOpenFailed(e);
            Passivate();
            return false;
        }
    }

    private void ReportOpened(MailboxStore store)
    {
        _services.Stores.Clear(Subject);
        if (store.ReplacedIndex is var (file, reason)) _services.Stores.Replaced(Subject, reason, file, DatabaseKind.Index.Lost);
        else _services.Stores.FindSetAside(Subject, PathOfIndex);
    }

    private void ReportNotOpened(Exception failure)
    {
        if (failure is StoreInUseException or FolderOwnerMismatchException) return;
        _services.Stores.Report(
            Subject, $"the mailbox in {Path.GetDirectoryName(PathOfIndex)} cannot be opened ({failure.Message}): its owner cannot read mail, and new mail waits",
            "free space on the disk, or make the server's user the owner of the files; the server retries automatically");
    }

    private string PathOfIndex => Path.Combine(AccountFolder.PathOf(_services.MaildirDirectory, Account), DatabaseKind.Index.Name);
}
