using MailServer.Domain.Mailboxes;
using MailServer.Domain.Timing;

namespace MailServer.Actors.Mailboxes;

/// <summary>Finds files that other programs add, change or remove in the folders that sessions watch.</summary>
internal sealed class ForeignFileScan
{
    /// <summary>Time between two scans.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly RecoverableMailbox _mailbox;
    private readonly FolderWatchers _watchers;
    private readonly MailboxNotifier _notifier;
    private readonly BackoffRunner _runner;

    public ForeignFileScan(RecoverableMailbox mailbox, FolderWatchers watchers, MailboxNotifier notifier, TimeProvider time)
    {
        (_mailbox, _watchers, _notifier) = (mailbox, watchers, notifier);
        _runner = new BackoffRunner(new ExponentialBackoff(Interval, LongestPause), OnFailed, time);
    }

    /// <summary>Scans a folder.</summary>
    public void Run(FolderId folder)
    {
        if (_mailbox.Store.ScanFolder(folder) is { } change) _notifier.Notify(change);
    }

    /// <summary>Scans all folders that sessions watch; less often after a failure.</summary>
    public void RunForWatchers() => _runner.TryRun(() =>
    {
        foreach (var folder in _watchers.Folders.ToArray()) Run(folder);
    });

    private void OnFailed(Exception failure, TimeSpan pause) => _mailbox.Recover(failure, "ScanFolder");
}
