using MailServer.Domain.Collections;
using MailServer.Domain.Timing;
using MailServer.Storage.Directory;
using MailServer.Storage.Health;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Collections;

/// <summary>
/// The calendars, address books and files of one account in <c>dav.db</c>, opened by a single owner. Changes accumulate in a transaction
/// until <see cref="Commit"/>, which makes them durable with a single flush; replies and notifications may be sent only after it.
/// </summary>
public sealed class CollectionStore : IDisposable
{
    private const int ChangesBetweenSnapshots = 500;
    private const long MostToCheck = 16 * 1024 * 1024;
    private static readonly TimeSpan SnapshotAge = TimeSpan.FromDays(1);

    private readonly CollectionContext _context;
    private readonly CollectionReader _reads;
    private readonly CollectionWriter _writes;
    private readonly CollectionCopier _transfers;
    private readonly LockOperations _locks;
    private readonly SharingOperations _shares;
    private readonly PendingSchedulingMarker _pending;
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly (uint, uint, ulong)? _file;
    private int _changes;
    private bool _isSaved;

    private CollectionStore(CollectionContext context, PendingSchedulingMarker pending, string path, TimeProvider time)
    {
        (_path, _time, _file) = (path, time, FileStat.Find(path)?.Identity);
        _pending = pending;
        _context = context;
        var guard = new WriteGuard(context);
        _reads = new CollectionReader(context);
        _writes = new CollectionWriter(context, guard);
        _transfers = new CollectionCopier(context, guard, _writes);
        _locks = new LockOperations(context, guard);
        _shares = new SharingOperations(context);
        Scheduling = new SchedulingStore(context, _reads, guard);
        Attachments = new AttachmentStore(context, Scheduling);
    }

    /// <summary>Operations for scheduling, on the same account and in the same transaction.</summary>
    public SchedulingStore Scheduling { get; }

    /// <summary>Operations for managed attachments.</summary>
    public AttachmentStore Attachments { get; }

    /// <summary>Opens the collections of an account; creates a calendar, a task list and an address book in a new one.</summary>
    public static CollectionStore Open(CollectionStoreOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        Posix.CreatePrivateDirectory(options.Directory);
        if (options.Owner is { } owner) FolderOwner.Claim(options.Directory, owner);
        var path = Path.Combine(options.Directory, DatabaseKind.Collections.Name);
        var mark = new CalendarsExistMarker(options.Directory);
        if (mark.IsSet && new FileInfo(path) is { Exists: false } or { Length: 0 })
            throw new DamagedStoreException($"{path} is {(File.Exists(path) ? "empty" : "missing")}, although the account has calendars");
        var context = CollectionContext.Open(path, options.Limits, time);
        try
        {
            if (context.Tree.IsNew && mark.IsSet) throw new DamagedStoreException($"{path} contains no calendars, although the account has some");
            if (context.Tree.IsNew) DefaultCollections.Make(context);
            else ForgetOldRemovals(context);
            SchedulingCollections.Ensure(context);
            mark.Set();
            return new CollectionStore(context, new PendingSchedulingMarker(options.Directory), path, time);
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    public CollectionReply Read(CollectionRequest request) => _shares.Intercept(request) ?? request switch
    {
        CollectionRequest.Find find => _reads.Find(find),
        CollectionRequest.List list => _reads.List(list),
        CollectionRequest.Query query => _reads.Query(query),
        // Evaluated by the actor of the collection. They only arrive here if the collection does not exist.
        CollectionRequest.Search or CollectionRequest.ListBusyTimes => new CollectionReply.Refused(CollectionRefusal.NotFound),
        CollectionRequest.ReadMany read => _reads.ReadMany(read),
        CollectionRequest.Synchronise synchronise => _reads.Synchronise(synchronise),
        CollectionRequest.FindLocks find => _reads.Locks(find),
        CollectionRequest.GetQuota => _reads.Quota(),
        CollectionRequest.MakeCopy make => MakeCopy(make.File),
        CollectionRequest.ReadAttachment read => Attachments.Read(read),
        CollectionRequest.ListMounts => _shares.ListMounts(),
        CollectionRequest.ListNotices => new CollectionReply.Notices(_context.Notices.List()),
        CollectionRequest.ListLinks => _shares.ListLinks(),
        _ => throw new InvalidOperationException($"{request.GetType().Name} is not a read request"),
    };

    /// <summary>The id of the collection at a path; null if there is none or it belongs to another account.</summary>
    public long? CollectionAt(CollectionPath path) => _context.Tree.Find(path) is { Kind: not CollectionKind.Mount } node ? node.Id : null;

    /// <summary>True if a collection with this id exists.</summary>
    public bool HasCollection(long id) => _context.Tree.PathOf(id) is not null;

    private CollectionReply.Done MakeCopy(string file)
    {
        _context.CopyTo(file);
        return CollectionReply.Done.Instance;
    }

    /// <summary>
    /// Makes a change that is not durable yet. If it throws, <see cref="Rollback"/> undoes all changes since the last commit. Whether sharing permits the
    /// change is decided here only, before anything else.
    /// </summary>
    /// <param name="change">The change.</param>
    /// <param name="around">Makes the change together with what depends on it, such as scheduling; its argument applies changes. Null: the change alone.</param>
    public CollectionReply Change(CollectionRequest.Change change, Func<Func<CollectionRequest.Change, CollectionReply>, CollectionReply>? around = null) =>
        _shares.Intercept(change) ?? (around is null ? Apply(change) : around(Apply));

    private CollectionReply Apply(CollectionRequest.Change change)
    {
        _context.Begin();
        return change switch
        {
            CollectionRequest.Put put => _writes.Put(put),
            CollectionRequest.Delete delete => _writes.Delete(delete),
            CollectionRequest.MakeCollection make => _writes.Make(make),
            CollectionRequest.SetProperties set => _writes.SetProperties(set),
            CollectionRequest.Transfer transfer => _transfers.Transfer(transfer),
            CollectionRequest.Lock add => _locks.Lock(add),
            CollectionRequest.RefreshLock refresh => _locks.Refresh(refresh),
            CollectionRequest.Unlock remove => _locks.Unlock(remove),
            CollectionRequest.SetGrants grants => _shares.SetGrants(grants),
            CollectionRequest.AddMount add => _shares.AddMount(add),
            CollectionRequest.RemoveMount remove => _shares.RemoveMount(remove, _writes),
            CollectionRequest.DismissInvitation dismiss => _shares.Dismiss(dismiss),
            CollectionRequest.AddNotice add => _shares.AddNotice(add),
            CollectionRequest.AddLink add => _shares.AddLink(add),
            CollectionRequest.RemoveLinks remove => _shares.RemoveLinks(remove),
            CollectionRequest.Subscribe subscribe => _shares.Subscribe(subscribe),
            CollectionRequest.Unsubscribe unsubscribe => _shares.Unsubscribe(unsubscribe),
            _ => throw new InvalidOperationException($"unknown change {change.GetType().Name}"),
        };
    }

    public void Commit()
    {
        // The marker is set before the messages are committed and cleared after they are gone, because a starting node finds accounts by markers.
        RequireFile();
        if (_context.Outgoing.Count > 0) _pending.Set();
        if (_context.Commit()) _changes++;
        if (_context.Outgoing.Count == 0) _pending.Clear();
    }

    /// <summary>Detects that the file was removed or replaced, in which case further writes would be lost. Its content is saved as a snapshot for a repair.</summary>
    private void RequireFile()
    {
        if (FileStat.Find(_path)?.Identity == _file) return;
        _context.Rollback();
        if (!_isSaved) _context.TakeSnapshot(_path);
        _isSaved = true;
        throw new DamagedStoreException($"{_path} was removed or replaced while it was in use");
    }

    /// <summary>
    /// Takes a snapshot of the committed state when it is due: after 500 commits, one
    /// day after the last snapshot, or when the store is closed and there is none yet.
    /// </summary>
    /// <exception cref="DamagedStoreException">The database is damaged; the old snapshot is kept.</exception>
    public void TakeSnapshotWhenDue(bool isEnding)
    {
        if (_changes == 0) return;
        var taken = DatabaseSnapshot.TakenAt(_path);
        var isOld = taken is { } at && StoredTime.IsOlder(at, _time.GetUtcNow(), SnapshotAge);
        if (_changes < ChangesBetweenSnapshots && !isOld && !(isEnding && taken is null)) return;
        _changes = 0;
        _context.TakeSnapshot(_path);
    }

    /// <summary>Checks the database; returns the damage found, or an empty list.</summary>
    public IReadOnlyList<string> FindDamage()
    {
        if (FileStat.Find(_path)?.Identity != _file) return [$"{_path}: was removed or replaced while it was in use"];
        return _context.FindDamage() is { } damage ? [$"{_path}: {damage}"] : [];
    }

    /// <summary>Same as <see cref="FindDamage"/>, but skips large databases, for which the check takes long.</summary>
    public IReadOnlyList<string> FindDamageQuickly() => new FileInfo(_path) is { Exists: true, Length: <= MostToCheck } ? FindDamage() : [];

    /// <summary>True if a statement has found the file damaged since it was opened.</summary>
    public bool IsDamaged => _context.IsDamaged;

    /// <summary>Returns and clears the committed changes that subscribers must be notified of.</summary>
    public IReadOnlyList<CollectionChanged> TakeChanges() => _context.TakeChanges();

    public void Rollback() => _context.Rollback();

    public void Dispose() => _context.Dispose();

    private static void ForgetOldRemovals(CollectionContext context)
    {
        context.Begin();
        foreach (var home in Enum.GetValues<CollectionSpace>().Select(space => context.Tree.Find(CollectionPath.HomeOf(space))).OfType<CollectionNode>())
        {
            foreach (var node in home.Subtree())
            {
                if (context.Resources.ForgetRemoved(node.Id, context.Limits.DavTombstones) is not { } last) continue;
                node.PrunedModSeq = last;
                context.Tree.Changed(node, node.ModSeq);
            }
        }

        context.Locks.RemoveExpired();
        context.Commit();
    }
}
