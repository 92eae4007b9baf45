using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.Directory;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// The mail of one account: Maildir folders, and <c>index.db</c> that makes them fast. Opened by one owner at a time, used by one thread at a
/// time, synchronous. New messages and changes of folders are durable when the method returns; changes of flags and removals when
/// <see cref="Secure"/> or <see cref="Flush"/> was called after it (docs/durability.md). An expected refusal is a value; trouble with the disk
/// is an <see cref="IOException"/> after which the store is as it was before.
/// </summary>
public sealed class MailboxStore : IDisposable
{
    /// <summary>A request for more messages than this takes its time: what is not durable yet does not wait for its end.</summary>
    private const int Many = 500;

    private readonly MailboxContext _context;
    private readonly FolderTree _tree;
    private readonly FolderScan _scan;
    private readonly Deliveries _deliveries;
    private readonly FlagChanges _flagChanges;
    private readonly Transfers _transfers;
    private readonly Removals _removals;
    private readonly Summaries _summaries;
    private readonly MessageReader _reader;

    private MailboxStore(MailboxContext context, FolderNumbers numbers)
    {
        _context = context;
        _scan = new FolderScan(context);
        _deliveries = new Deliveries(context);
        _flagChanges = new FlagChanges(context);
        _transfers = new Transfers(context);
        _removals = new Removals(context);
        _summaries = new Summaries(context);
        _reader = new MessageReader(context, _flagChanges, _summaries);
        _tree = new FolderTree(context, numbers, new SubscriptionFile(context.Options.Directory, context.Options.SyncDirectories), _transfers);
    }

    /// <summary>The index was found damaged: once the store is closed and opened again it is made anew from the files.</summary>
    public bool IsIndexDamaged => _context.Index.IsDamaged;

    /// <summary>Where the damaged index is since the store was closed; null when it was sound.</summary>
    public string? SetAsideIndex => _context.Index.SetAside;

    /// <summary>Where the damaged index is that was set aside when the mailbox was opened, and what was wrong; null when it was sound.</summary>
    public (string? File, string Reason)? ReplacedIndex => _context.Index.Replaced;

    /// <summary>Files that were skipped since the mailbox was opened, each with the reason.</summary>
    public IReadOnlyList<string> Problems => _context.Problems;

    /// <summary>Opens a mailbox, or makes it with the folders that every account has.</summary>
    /// <exception cref="StoreInUseException">Somebody else has it open.</exception>
    /// <exception cref="ForeignFolderException">The folder belongs to another account.</exception>
    /// <exception cref="InvalidDataException">The index was written by a newer server.</exception>
    public static MailboxStore Open(MailboxStoreOptions options, IMessageFormat format, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        Posix.CreatePrivateDirectory(options.Directory);
        if (options.Owner is { } owner) FolderOwner.Claim(options.Directory, owner);
        var index = IndexDatabase.Open(Path.Combine(options.Directory, "index.db"), time);
        try
        {
            var context = new MailboxContext(options, index, format, time);
            var isNew = MailboxState.Load(options.Directory) is null;
            var numbers = new FolderNumbers(options, time);
            new FolderDiscovery(context, numbers).Run();
            var store = new MailboxStore(context, numbers);
            store._tree.CreateDefaults(isNew);
            return store;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    public MailboxReply.Folders Folders() => _tree.List();

    public MailboxRefusal? CreateFolder(FolderName name, FolderRole role) => Ready(int.MaxValue)._tree.Create(name, role);

    public Outcome<MailboxChanged> DeleteFolder(FolderName name) => Ready(int.MaxValue)._tree.Delete(name);

    public Outcome<IReadOnlyList<MailboxChanged>> RenameFolder(FolderName from, FolderName to) => Ready(int.MaxValue)._tree.Rename(from, to);

    public MailboxRefusal? Subscribe(FolderName name, bool subscribed)
    {
        if (subscribed && !_tree.MaySubscribe) return MailboxRefusal.LimitReached;
        _tree.Subscribe(name, subscribed);
        return null;
    }

    /// <summary>Octets that the messages may take together, from now on; what is there stays. Null: no limit.</summary>
    public long? Quota
    {
        get => _context.Quota;
        set => _context.Quota = value;
    }

    /// <summary>What the messages take, as far as committed.</summary>
    public QuotaUse Use => _context.Use;

    /// <summary>Something was changed that a power cut would undo: <see cref="Flush"/> is due.</summary>
    public bool IsUnsecured => _context.Index.IsUnsecured;

    /// <summary>Makes all changes so far durable with one flush, however many they were. File names follow at the next <see cref="Flush"/>.</summary>
    public void Secure() => Ready()._context.Index.Secure();

    public bool HasFolder(FolderName name) => _context.Exists(name);

    public Outcome<FolderStatus> Status(FolderName name, bool withDeletedSize = false)
    {
        if (!_context.TryFind(name, out var folder)) return MailboxRefusal.NoSuchFolder;
        var row = folder.Row;
        var recent = row.RecentFrom >= row.UidNext ? 0 : _context.Index.CountFrom(folder.Id, row.RecentFrom);
        return new FolderStatus(
            folder.Id, folder.UidValidity, row.UidNext, new ModSeq(row.ModSeq), row.Messages, recent, row.Unseen, row.Deleted, row.Size)
        {
            DeletedSize = withDeletedSize && row.Deleted > 0 ? _context.Index.DeletedSize(folder.Id) : 0,
        };
    }

    /// <summary>Looks for what other tools changed. Unless read-only, the messages that are new since the last time are <c>\Recent</c> for this session alone.</summary>
    public Outcome<SelectOutcome> Select(FolderName name, bool readOnly)
    {
        Ready(int.MaxValue);
        if (!_context.TryFind(name, out var folder)) return MailboxRefusal.NoSuchFolder;
        var change = _scan.Run(folder);
        var messages = _context.Load(folder);
        Uid? recent = messages.Uids.Last >= folder.Row.RecentFrom ? new Uid(folder.Row.RecentFrom) : null;
        var snapshot = new FolderSnapshot(
            folder.Id, folder.Name, folder.UidValidity, folder.Row.UidNext, new ModSeq(folder.Row.ModSeq), messages.Uids,
            recent, FirstUnseen(folder, messages), folder.Keywords);
        if (!readOnly) ClaimRecent(folder);
        return new SelectOutcome(snapshot, change);
    }

    /// <summary>The watching session has been told of messages as <c>\Recent</c>: they are so for nobody else.</summary>
    public void ClaimRecent(FolderId folder)
    {
        if (Ready()._context.TryFind(folder, out var found)) ClaimRecent(found);
    }

    /// <summary>Files that other tools dropped, removed or renamed; null when there are none (or no such folder).</summary>
    public MailboxChanged? ScanFolder(FolderId folder) => Ready()._context.TryFind(folder, out var found) ? _scan.Run(found) : null;

    public Outcome<FetchOutcome> Fetch(MailboxRequest.Fetch request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Ready(request.Uids.Length)._reader.Fetch(request);
    }

    /// <summary>The change holds the new flags of every message named, changed or not.</summary>
    public Outcome<MailboxChanged> Store(FolderId folder, ReadOnlySpan<uint> uids, FlagOperation operation, MessageFlags flags) =>
        Ready(uids.Length)._flagChanges.Store(folder, uids, operation, flags);

    public Outcome<CopyOutcome> Copy(FolderId folder, ReadOnlySpan<uint> uids, FolderName target, bool move) =>
        Ready(uids.Length)._transfers.Copy(folder, uids, target, move);

    public Outcome<MailboxChanged> Expunge(FolderId folder, UidSet? within) => Ready(DeletedIn(folder))._removals.Expunge(folder, within);

    public Outcome<SearchRun> Search(FolderId folder, SearchCriteria criteria) => Ready()._context.TryFind(folder, out var found)
        ? new SearchRun(_context, found, criteria, _summaries)
        : MailboxRefusal.NoSuchFolder;

    /// <summary>
    /// Takes a spooled message into a folder, to be made durable with all others by <see cref="CommitStaged"/>, which must come before any
    /// other request. A message that the folder has already is answered like the first time. Null when staged. Should it throw,
    /// nothing that was staged remains.
    /// </summary>
    public MailboxRefusal? Stage(FolderName folder, MessageFlags flags, DateTimeOffset? internalDate, SpooledMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _deliveries.Stage(folder, flags, internalDate, message);
    }

    /// <summary>Makes all staged messages durable. Should it throw, none of them is there.</summary>
    public StagedOutcome CommitStaged() => _deliveries.Commit();

    /// <summary>
    /// Makes all changes durable, then lets file names follow flags, at most <paramref name="limit"/> of them; to be called within a second
    /// after changes, again at once while there are more.
    /// </summary>
    public FlushOutcome Flush(int limit = int.MaxValue) => Ready()._flagChanges.Flush(limit);

    /// <summary>Links the mailbox as it is now into <paramref name="directory"/>, of the same file system, but for messages whose keys are <paramref name="known"/>.</summary>
    public MailboxCopy Copy(string directory, IReadOnlySet<string> known)
    {
        Ready(int.MaxValue);
        _context.ReconcileAll();
        _flagChanges.Flush(int.MaxValue);
        return new Copies(_context).Link(directory, known);
    }

    /// <summary>Compares index and files; what is found says what differed before a repair.</summary>
    public MailboxReply.Checked Check(bool repair)
    {
        Ready(int.MaxValue);
        // An index that is new, or was not closed in order, follows the files at the next use anyway: that is no damage.
        _context.ReconcileAll();
        return new MailboxCheck(_context).Run(repair);
    }

    /// <summary>Gives back the memory of loaded folders; to be called when no session watches any.</summary>
    public void Trim()
    {
        Ready()._flagChanges.Flush(int.MaxValue);
        foreach (var folder in _context.Folders)
        {
            if (folder.Unflushed.Count == 0) folder.Messages = null;
        }
    }

    public void Dispose()
    {
        try
        {
            if (!_deliveries.Any && _context.Index.IsMarked && !IsIndexDamaged) CloseInOrder();
        }
        catch (IOException)
        {
            // The next opening compares directories and index, as after a crash.
        }

        _context.Index.Dispose();
    }

    private void CloseInOrder()
    {
        _context.ReconcileAll();
        _flagChanges.Flush(int.MaxValue);
        if (_context.Folders.Any(f => f.Unflushed.Count > 0)) return;
        _context.Index.Write(() =>
        {
            foreach (var folder in _context.Folders)
            {
                _context.Index.SaveFolder(folder, folder.Row);
                _context.Index.PruneExpunged(folder.Id, _context.Options.Limits.ExpungedHistory);
            }
        });
        _context.Index.MarkClean();
    }

    /// <param name="messages">For so many the request asks; <see cref="int.MaxValue"/>: it may take long.</param>
    private MailboxStore Ready(int messages = 0)
    {
        if (_deliveries.Any) throw new InvalidOperationException("staged messages are not committed");
        if (messages > Many) _context.Index.Secure();
        return this;
    }

    private int DeletedIn(FolderId folder) => _context.TryFind(folder, out var found) ? found.Row.Deleted : 0;

    private void ClaimRecent(Folder folder)
    {
        if (folder.Row.RecentFrom >= folder.Row.UidNext) return;
        folder.Row.RecentFrom = folder.Row.UidNext;
        _context.Index.Write(() => _context.Index.SaveFolder(folder, folder.Row), lasting: false);
    }

    private static Uid? FirstUnseen(Folder folder, MessageTable messages)
    {
        if (folder.Row.Unseen == 0) return null;
        for (var i = 0; i < messages.Count; i++)
        {
            if ((messages[i].System & SystemFlags.Seen) == 0) return new Uid(messages.Uids[i]);
        }

        return null;
    }
}
