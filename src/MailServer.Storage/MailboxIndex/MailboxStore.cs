using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.Directory;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Scripts;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// The mail of one account: Maildir folders and the index <c>index.db</c>. Opened by a single owner; synchronous and not thread-safe. New messages
/// and folder changes are durable when the method returns; flag changes and removals after the next <see cref="FlushIndex"/> or <see cref="Flush"/>
/// (docs/durability.md). Expected refusals are returned as values; disk failures throw <see cref="IOException"/> and leave the store unchanged.
/// </summary>
public sealed class MailboxStore : IDisposable
{
    /// <summary>Requests for more messages than this may take long, so pending changes are flushed before them.</summary>
    private const int Many = 500;

    private readonly MailboxContext _context;
    private readonly FolderManager _tree;
    private readonly FolderScanner _scan;
    private readonly MessageAppender _deliveries;
    private readonly FlagUpdater _flagChanges;
    private readonly MessageCopier _transfers;
    private readonly Expunger _removals;
    private readonly SummaryBuilder _summaries;
    private readonly MessageDetailsReader _details;
    private readonly MessageReader _reader;

    private MailboxStore(MailboxContext context, FolderIdAllocator numbers)
    {
        _context = context;
        _scan = new FolderScanner(context);
        _deliveries = new MessageAppender(context);
        _flagChanges = new FlagUpdater(context);
        _transfers = new MessageCopier(context);
        _removals = new Expunger(context);
        _summaries = new SummaryBuilder(context);
        _details = new MessageDetailsReader(context);
        _reader = new MessageReader(context, _flagChanges, _summaries, _details);
        Annotations = new AnnotationStore(context);
        Grants = new GrantStore(context);
        Scripts = new ScriptFolder(context.Options.Directory, context.Options.Limits, context.Options.SyncDirectories);
        _tree = new FolderManager(context, numbers, SubscriptionFile.Open(context.Options.Directory, context.Options.SyncDirectories), _transfers);
    }

    /// <summary>True if the index was found damaged. It is rebuilt from the files when the store is closed and reopened.</summary>
    public bool IsIndexDamaged => _context.Index.IsDamaged;

    /// <summary>Path of the damaged index after the store was closed; null if it was intact.</summary>
    public string? SetAsideIndex => _context.Index.SetAside;

    /// <summary>The damaged index that was set aside when the mailbox was opened, and what was wrong; null if it was intact.</summary>
    public (string? File, string Reason)? ReplacedIndex => _context.Index.Replaced;

    /// <summary>Files that were skipped since the mailbox was opened, each with the reason.</summary>
    public IReadOnlyList<string> Problems => _context.Problems;

    /// <summary>The folders that exist and cannot be used, each with the reason.</summary>
    public IReadOnlyList<string> UnusableFolders => [.. _context.Unusable];

    /// <summary>Why subscriptions cannot be read or changed; null if they can. All folders count as subscribed then.</summary>
    public string? SubscriptionsObstacle => _tree.SubscriptionsObstacle;

    /// <summary>Opens a mailbox; creates a new one with the default folders.</summary>
    /// <exception cref="StoreInUseException">Another process or component has the mailbox open.</exception>
    /// <exception cref="FolderOwnerMismatchException">The folder belongs to another account.</exception>
    /// <exception cref="InvalidDataException">The index was written by a newer server.</exception>
    public static MailboxStore Open(MailboxStoreOptions options, IMessageParser format, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        Posix.CreatePrivateDirectory(options.Directory);
        if (options.Owner is { } owner) FolderOwner.Claim(options.Directory, owner);
        var index = IndexDatabase.Open(Path.Combine(options.Directory, "index.db"), time);
        try
        {
            var context = new MailboxContext(options, index, format, time);
            var isNew = MailboxState.Load(options.Directory) is null;
            var numbers = new FolderIdAllocator(options, time);
            new FolderDiscovery(context, numbers).Run();
            var store = new MailboxStore(context, numbers);
            if (options.TextIndex is { } texts) context.Texts = new MailboxTextIndex(context, texts);
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

    /// <summary>Rises whenever the result of <see cref="Folders"/> may have changed.</summary>
    public int FoldersVersion => _tree.Version;

    /// <summary>The status of every folder, without <see cref="FolderStatus.Recent"/>.</summary>
    public IReadOnlyList<FolderStatus> Overview() => [.. Ready(int.MaxValue)._context.Folders.Select(static f => f.Id).ToList().Select(Overview).OfType<FolderStatus>()];

    /// <summary>The status of the folders whose mod-sequence is not the one in <paramref name="told"/>, which is then brought up to date.</summary>
    public IReadOnlyList<FolderStatus> OverviewSince(Dictionary<FolderId, long> told)
    {
        ArgumentNullException.ThrowIfNull(told);
        var changed = new List<FolderStatus>();
        foreach (var folder in _context.Folders)
        {
            if (told.TryGetValue(folder.Id, out var before) && before == folder.Row.ModSeq) continue;
            told[folder.Id] = folder.Row.ModSeq;
            changed.Add(folder.Status(recent: 0));
        }

        return changed;
    }

    private FolderStatus? Overview(FolderId folder) => _context.TryFind(folder, out var found) ? found.Status(recent: 0) : null;

    public MailboxRefusal? CreateFolder(FolderName name, FolderRole role) => Ready(int.MaxValue)._tree.Create(name, role);

    public MailboxResult<MailboxChanged> DeleteFolder(FolderName name) => Ready(int.MaxValue)._tree.Delete(name);

    public MailboxResult<IReadOnlyList<MailboxChanged>> RenameFolder(FolderName from, FolderName to) => Ready(int.MaxValue)._tree.Rename(from, to);

    public MailboxRefusal? Subscribe(FolderName name, bool subscribed)
    {
        if (subscribed && !_tree.MaySubscribe) return MailboxRefusal.LimitReached;
        _tree.Subscribe(name, subscribed);
        return null;
    }

    /// <summary>The quota in octets for new messages; existing messages are not affected. Null for no limit.</summary>
    public long? Quota
    {
        get => _context.Quota;
        set => _context.Quota = value;
    }

    /// <summary>The quota usage of the committed messages.</summary>
    public QuotaUsage Use => _context.Use;

    /// <summary>True if a power cut would undo changes; <see cref="Flush"/> is then due.</summary>
    public bool HasUnflushedChanges => _context.Index.HasUnflushedCommits;

    /// <summary>Makes all changes so far durable with a single flush. File names follow at the next <see cref="Flush"/>.</summary>
    public void FlushIndex() => Ready()._context.Index.Flush();

    /// <exception cref="IOException">The folder exists and cannot be used.</exception>
    public bool HasFolder(FolderName name)
    {
        _context.RequireUsable(name);
        return _context.Exists(name);
    }

    public MailboxResult<FolderStatus> Status(FolderName name, bool withDeletedSize = false)
    {
        if (!_context.TryFind(name, out var folder)) return MailboxRefusal.NoSuchFolder;
        var row = folder.Row;
        var recent = row.RecentFrom >= row.UidNext ? 0 : _context.Index.Messages.CountFrom(folder.Id, row.RecentFrom);
        return folder.Status(recent) with { DeletedSize = withDeletedSize && row.Deleted > 0 ? _context.Index.Messages.DeletedSize(folder.Id) : 0 };
    }

    /// <summary>
    /// Selects a folder after scanning it for changes by other tools. Unless read-only,
    /// messages that are new since the last selection are <c>\Recent</c> for this session only.
    /// </summary>
    public MailboxResult<SelectOutcome> Select(FolderName name, bool readOnly)
    {
        Ready(int.MaxValue);
        if (!_context.TryFind(name, out var folder)) return MailboxRefusal.NoSuchFolder;
        var change = _scan.Run(folder);
        var messages = _context.Load(folder);
        Uid? recent = messages.Uids.Last >= folder.Row.RecentFrom ? new Uid(folder.Row.RecentFrom) : null;
        var snapshot = new FolderSnapshot(
            folder.Id, folder.Name, folder.UidValidity, folder.Row.UidNext, new ModSeq(folder.Row.ModSeq), messages.Uids,
            recent, folder.FirstUnseen(), folder.Keywords);
        if (!readOnly) ClaimRecent(folder);
        return new SelectOutcome(snapshot, change);
    }

    /// <summary>Records that the current messages have been reported as <c>\Recent</c> to a session and are not recent for others.</summary>
    public void ClaimRecent(FolderId folder)
    {
        if (Ready()._context.TryFind(folder, out var found)) ClaimRecent(found);
    }

    /// <summary>Scans a folder for files that other tools added, removed or renamed; null if there are none or the folder does not exist.</summary>
    public MailboxChanged? ScanFolder(FolderId folder) => Ready()._context.TryFind(folder, out var found) ? _scan.Run(found) : null;

    public MailboxResult<FetchOutcome> Fetch(MailboxRequest.Fetch request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Ready(request.Uids.Length)._reader.Fetch(request);
    }

    /// <summary>Changes flags. The result contains the flags of all given messages, changed or not.</summary>
    public MailboxResult<MailboxChanged> Store(FolderId folder, ReadOnlySpan<uint> uids, FlagOperation operation, MessageFlags flags) =>
        Ready(uids.Length)._flagChanges.Store(folder, uids, operation, flags);

    /// <summary>Changes flags, except of messages that have changed since a mod-sequence; their flags are returned separately.</summary>
    public MailboxResult<MailboxReply.StoredInPart> StoreUnchanged(FolderId folder, ReadOnlySpan<uint> uids, FlagOperation operation, MessageFlags flags, ModSeq unchangedSince) =>
        Ready(uids.Length)._flagChanges.StoreUnchanged(folder, uids, operation, flags, unchangedSince);

    /// <summary>Lists the messages that were added, changed or removed since a mod-sequence.</summary>
    public MailboxResult<MailboxReply.Changes> ListChanges(FolderId folder, ModSeq since, UidSet within) => Ready()._context.TryFind(folder, out var found)
        ? new ChangeHistory(_context).Since(found, since, within)
        : MailboxRefusal.NoSuchFolder;

    /// <summary>The highest mod-sequence of these messages; 0 if none of them exists.</summary>
    public MailboxResult<ModSeq> HighestModSeq(FolderId folder, UidSet uids) => Ready()._context.TryFind(folder, out var found)
        ? new ChangeHistory(_context).Highest(found, uids)
        : MailboxRefusal.NoSuchFolder;

    /// <param name="folder">The folder of the messages.</param>
    /// <param name="uids">The messages.</param>
    /// <param name="target">The target.</param>
    /// <param name="move">Removes the messages from their folder.</param>
    /// <param name="limit">The flags that a copy has; null for all.</param>
    public MailboxResult<CopyOutcome> Copy(FolderId folder, ReadOnlySpan<uint> uids, FolderName target, bool move, Func<MessageFlags, MessageFlags>? limit = null) =>
        Ready(uids.Length)._transfers.Copy(folder, uids, target, move, limit);

    /// <summary>Links messages into the spool, from where another mailbox appends them.</summary>
    public MailboxResult<MailboxReply.Exported> Export(FolderId folder, ReadOnlySpan<uint> uids) => new MessageExporter(Ready(uids.Length)._context, _summaries).Export(folder, uids);

    public MailboxResult<MailboxChanged> Expunge(FolderId folder, UidSet? within) => Ready(DeletedIn(folder))._removals.Expunge(folder, within);

    /// <summary>Removes messages, whatever their flags are.</summary>
    public MailboxResult<MailboxChanged> Remove(FolderId folder, UidSet uids) => Ready(int.MaxValue)._removals.Remove(folder, uids);

    public MailboxResult<IncrementalSearch> Search(FolderId folder, SearchCriteria criteria) => Ready()._context.TryFind(folder, out var found)
        ? new IncrementalSearch(_context, found, criteria, _summaries, _details)
        : MailboxRefusal.NoSuchFolder;

    public MailboxResult<IncrementalOrdering> Sort(FolderId folder, SearchCriteria criteria, IReadOnlyList<SortCriterion> order) => Ready()._context.TryFind(folder, out var found)
        ? new IncrementalOrdering(_context, found, _summaries, new IncrementalSearch(_context, found, criteria, _summaries, _details), order)
        : MailboxRefusal.NoSuchFolder;

    public MailboxResult<IncrementalOrdering> Thread(FolderId folder, SearchCriteria criteria, ThreadAlgorithm algorithm) => Ready()._context.TryFind(folder, out var found)
        ? new IncrementalOrdering(_context, found, _summaries, new IncrementalSearch(_context, found, criteria, _summaries, _details), algorithm)
        : MailboxRefusal.NoSuchFolder;

    /// <summary>True if messages may be missing in the text index.</summary>
    public bool NeedsIndexing => _context.Texts is { NeedsIndexing: true };

    /// <summary>Selects messages that are missing in the text index; null if there are none, or the index cannot be used now. One batch at a time.</summary>
    public IndexingBatch? PlanIndexing(int most) => Ready()._context.Texts?.Plan(most);

    /// <summary>The number of searches that used the text index while its file is open; null if it is not open.</summary>
    public long? TextIndexSearches => _context.Texts is { IsOpen: true } texts ? texts.Searches : null;

    /// <summary>Closes the file of the text index until it is needed again.</summary>
    public void CloseTextIndex() => _context.Texts?.Close();

    /// <summary>Plans the messages of the last batch again, because it was not indexed.</summary>
    public void DropIndexing() => _context.Texts?.Fail();

    /// <summary>
    /// Stages a spooled message for a folder; <see cref="CommitStaged"/> makes all staged messages durable and must precede any other request. A
    /// message that the folder already contains gets the same reply as the first time. Returns null if staged. If it throws, nothing remains staged.
    /// </summary>
    public MailboxRefusal? Stage(FolderName folder, MessageFlags flags, DateTimeOffset? internalDate, SpooledMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _deliveries.Stage(folder, flags, internalDate, message);
    }

    /// <summary>Appends spooled messages durably, all or none.</summary>
    public MailboxResult<AppendAllOutcome> AppendAll(FolderName folder, IReadOnlyList<NewMessage> messages) => Ready()._deliveries.AppendAll(folder, messages);

    /// <summary>Appends a spooled message and removes another one, both or neither.</summary>
    public MailboxResult<ReplaceOutcome> Replace(MailboxRequest.Replace request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new MessageReplacer(Ready()._context, _deliveries).Replace(request.Folder, request.Uid, request.Target, request.Message);
    }

    /// <summary>The annotations of the folders and of the mailbox.</summary>
    public AnnotationStore Annotations { get; }

    /// <summary>Who has which rights to the folders.</summary>
    public GrantStore Grants { get; }

    /// <summary>The mailbox as another account uses it.</summary>
    public GuestMailbox As(MailboxGuest guest) => new(_context, _flagChanges, guest);

    /// <summary>The scripts of the account.</summary>
    public ScriptFolder Scripts { get; }

    /// <summary>The domain of the account; null if the owner of the folder is not known.</summary>
    public string? OwnerDomain => _context.Options.Owner?.Address.Domain;

    /// <summary>True if the mark was left and has not expired.</summary>
    public bool HasMark(string key) => _context.Index.Marks.Contains(key, _context.Time.GetUtcNow());

    /// <summary>The number of marks that begin with a prefix and have not expired.</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="lifetime">How long such marks live.</param>
    public int CountMarks(string prefix, TimeSpan lifetime) => _context.Index.Marks.Count(prefix, _context.Time.GetUtcNow(), lifetime);

    /// <summary>Leaves marks until they expire; a mark that exists gets the new time. Durable like a change of flags.</summary>
    public void AddMarks(IReadOnlyList<(string Key, DateTimeOffset Expires)> marks)
    {
        ArgumentNullException.ThrowIfNull(marks);
        if (marks.Count > 0) Ready()._context.Index.AddMarks(marks, _context.Time.GetUtcNow(), _context.Options.Limits.ScriptMarks);
    }

    /// <summary>Makes all staged messages durable. If it throws, none of them is stored.</summary>
    public CommitOutcome CommitStaged() => _deliveries.Commit();

    /// <summary>Undoes all staged messages.</summary>
    public void DropStaged() => _deliveries.Drop();

    /// <summary>
    /// Makes all changes durable, then renames files with outdated flags, at most <paramref name="limit"/>
    /// of them. Must be called within a second after changes, and again while there are more.
    /// </summary>
    public FlushOutcome Flush(int limit = int.MaxValue) => Ready()._flagChanges.Flush(limit);

    /// <summary>Links the mailbox into <paramref name="directory"/> on the same file system, except messages whose keys are <paramref name="known"/>.</summary>
    public MailboxCopy Copy(string directory, IReadOnlySet<string> known)
    {
        Ready(int.MaxValue);
        _context.ReconcileAll();
        _flagChanges.Flush(int.MaxValue);
        return new MailboxLinker(_context).Link(directory, known);
    }

    /// <summary>Compares index and files. The result lists the differences found before a repair.</summary>
    public MailboxReply.CheckResult Check(bool repair)
    {
        Ready(int.MaxValue);
        // An index that is new or was not closed properly is reconciled first, because this would happen anyway and is not damage.
        _context.ReconcileAll();
        return new MailboxChecker(_context).Run(repair);
    }

    /// <summary>Releases the memory of loaded folders. Must be called only when no session has a folder selected.</summary>
    public void UnloadFolders()
    {
        Ready()._flagChanges.Flush(int.MaxValue);
        foreach (var folder in _context.Folders)
        {
            folder.Order = null;
            if (folder.StaleFileLetters.Count == 0) folder.Messages = null;
        }
    }

    public void Dispose()
    {
        try
        {
            if (!_deliveries.Any && _context.Index.IsMarkedUnclean && !IsIndexDamaged) CloseInOrder();
        }
        catch (IOException)
        {
            // The next opening reconciles directories and index, as after a crash.
        }

        _context.Texts?.Dispose();
        _context.Index.Dispose();
    }

    private void CloseInOrder()
    {
        _context.ReconcileAll();
        _flagChanges.Flush(int.MaxValue);
        if (_context.Folders.Any(f => f.StaleFileLetters.Count > 0)) return;
        _context.Index.Write(() =>
        {
            foreach (var folder in _context.Folders)
            {
                _removals.Prune(folder);
                _context.Index.Folders.Save(folder, folder.Row);
            }
        });
        _context.Index.MarkClean();
    }

    /// <param name="messages">Number of messages in the request; <see cref="int.MaxValue"/> if it may take long.</param>
    private MailboxStore Ready(int messages = 0)
    {
        if (_deliveries.Any) throw new InvalidOperationException("there are uncommitted staged messages");
        if (messages > Many) _context.Index.Flush();
        return this;
    }

    private int DeletedIn(FolderId folder) => _context.TryFind(folder, out var found) ? found.Row.Deleted : 0;

    private void ClaimRecent(Folder folder)
    {
        if (folder.Row.RecentFrom >= folder.Row.UidNext) return;
        folder.Row.RecentFrom = folder.Row.UidNext;
        _context.Index.Write(() => _context.Index.Folders.Save(folder, folder.Row), lasting: false);
    }
}
