using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Formatting;
using MailServer.Storage.Directory;
using MailServer.Storage.Health;
using MailServer.Storage.MailboxIndex;
using MailServer.Storage.Sqlite;
using MailServer.Storage.TextIndex;

namespace MailServer.Actors.Mailboxes;

/// <summary>
/// The store of a mailbox, which survives a damaged index: the index is set aside and rebuilt from the message files, without a restart. Folder and message
/// numbers are stored in the files, so sessions continue. Damage is reported to the administrator, and cleared when the mailbox can be opened.
/// </summary>
internal sealed class RecoverableMailbox(AccountId account, MailboxServices services, MailboxLog log) : IDisposable
{
    private MailboxStore? _store;
    private Account? _owner;
    private int _problemsLogged;

    public AccountId Account => account;

    /// <summary>The address of the account; null if the directory did not answer when the mailbox was opened.</summary>
    public EmailAddress? OwnerAddress => _owner?.Address;

    public MailboxLog Log => log;

    public bool IsOpen => _store is not null;

    /// <exception cref="IOException">The mailbox is not open.</exception>
    public MailboxStore Store => _store ?? throw new IOException("the mailbox could not be opened");

    /// <summary>Called before a damaged store is closed; refuses what needs the open store.</summary>
    public required Action Closing { get; init; }

    /// <summary>Called each time the store was opened.</summary>
    public required Action Opened { get; init; }

    /// <summary>Called when the store could not be opened again after it was closed.</summary>
    public required Action<Exception> Lost { get; init; }

    private string Subject => $"{DatabaseKind.Index.Name} of user_{account}";

    private string FoldersSubject => $"folders of user_{account}";

    private string SubscriptionsSubject => $"subscriptions of user_{account}";

    private string Folder => AccountFolder.PathOf(services.MaildirDirectory, account);

    /// <summary>Opens the store.</summary>
    /// <param name="owner">The account that the folder must belong to; null if it is unknown.</param>
    /// <exception cref="StoreInUseException">Another process has the store open.</exception>
    /// <exception cref="FolderOwnerMismatchException">The folder belongs to another account.</exception>
    public void Open(Account? owner)
    {
        _owner = owner;
        _store = MailboxStore.Open(
            new MailboxStoreOptions { Directory = Folder, SpoolDirectory = services.SpoolDirectory, Owner = owner, Limits = services.Limits, ServerAnnotations = services.ServerAnnotations, TextIndex = TextIndex() },
            services.Format,
            services.Time);
        _problemsLogged = 0;
        ReportOpened(_store);
        LogProblems();
        Opened();
    }

    private TextIndexOptions? TextIndex()
    {
        if (services.Indexing is not null) return new TextIndexOptions { Subject = $"{DatabaseKind.Search.Name} of user_{account}", Problems = services.Stores };
        TextIndexFile.RemoveFrom(Folder);
        return null;
    }

    /// <summary>Logs a failure, and rebuilds the index if the failure has damaged it or revealed its damage. True when the request can be retried.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="request">What failed, for the log.</param>
    public bool Recover(Exception failure, string request)
    {
        log.Failed(failure, request);
        if (_store is not { IsIndexDamaged: true } damaged) return false;
        Closing();
        _store = null;
        try
        {
            damaged.Dispose();
            Open(_owner);
            services.Stores.Replaced(Subject, failure.Message, damaged.SetAsideIndex, DatabaseKind.Index.Lost);
            return true;
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            Lost(e);
            return false;
        }
    }

    /// <summary>Reports a mailbox that cannot be opened, unless this ends by itself or is reported elsewhere.</summary>
    public void ReportNotOpened(Exception failure)
    {
        log.NotOpened(failure);
        if (failure is StoreInUseException or FolderOwnerMismatchException) return;
        services.Stores.Report(
            Subject, $"the mailbox in {Folder} cannot be opened ({failure.Message}): its owner cannot read mail, and new mail waits",
            failure is DamagedOwnerException owner ? owner.Remedy : "free space on the disk, or make the server's user the owner of the files; the server retries automatically");
    }

    /// <summary>Logs files that were skipped since the last call.</summary>
    public void LogProblems()
    {
        for (; _problemsLogged < _store?.Problems.Count; _problemsLogged++) log.Problem(_store.Problems[_problemsLogged]);
    }

    public void Dispose() => _store?.Dispose();

    private void ReportOpened(MailboxStore store)
    {
        services.Stores.Clear(Subject);
        if (store.ReplacedIndex is var (file, reason)) services.Stores.Replaced(Subject, reason, file, DatabaseKind.Index.Lost);
        else services.Stores.FindSetAside(Subject, Path.Combine(Folder, DatabaseKind.Index.Name));
        if (store.SubscriptionsObstacle is { } obstacle)
        {
            services.Stores.Report(
                SubscriptionsSubject, $"{obstacle}: all folders of user_{account} count as subscribed, and subscriptions cannot be changed",
                "put the file back, or remove what is in its place; the server looks again when the mailbox is next opened");
        }
        else
        {
            services.Stores.Clear(SubscriptionsSubject);
        }

        if (store.UnusableFolders is [var first, ..] unusable)
        {
            services.Stores.Report(
                FoldersSubject, $"{Quantity.Of(unusable.Count, "folder")} of user_{account} cannot be used, among them: {first}. Mail there cannot be read, and new mail waits",
                "put a directory (or, for folder.state, the file) back in its place; the server looks again when the mailbox is next opened");
        }
        else
        {
            services.Stores.Clear(FoldersSubject);
        }
    }
}
