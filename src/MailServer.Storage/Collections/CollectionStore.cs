using MailServer.Domain.Collections;
using MailServer.Domain.Timing;
using MailServer.Storage.Directory;
using MailServer.Storage.Health;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Collections;

/// <summary>
/// The calendars, address books and files of one account: <c>dav.db</c>, opened by its one owner. Changes are made in one transaction until
/// <see cref="Commit"/>, which makes all of them durable with one flush; nobody may be told of a change before.
/// </summary>
public sealed class CollectionStore : IDisposable
{
    private const int ChangesBetweenSnapshots = 500;
    private const long MostToCheck = 16 * 1024 * 1024;
    private static readonly TimeSpan SnapshotAge = TimeSpan.FromDays(1);

    private readonly CollectionContext _context;
    private readonly CollectionReads _reads;
    private readonly CollectionWrites _writes;
    private readonly CollectionTransfers _transfers;
    private readonly LockChanges _locks;
    private readonly ShareChanges _shares;
    private readonly PendingMark _pending;
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly (uint, uint, ulong)? _file;
    private int _changes;
    private bool _isSaved;

    private CollectionStore(CollectionContext context, PendingMark pending, string path, TimeProvider time)
    {
        (_path, _time, _file) = (path, time, FileFacts.Find(path)?.Identity);
        _pending = pending;
        _context = context;
        var guard = new WriteGuard(context);
        _reads = new CollectionReads(context);
        _writes = new CollectionWrites(context, guard);
        _transfers = new CollectionTransfers(context, guard, _writes);
        _locks = new LockChanges(context, guard);
        _shares = new ShareChanges(context);
        Scheduling = new SchedulingStore(context, _reads, guard);
    }

    /// <summary>What scheduling needs besides: the same account, the same transaction.</summary>
    public SchedulingStore Scheduling { get; }

    /// <summary>Opens the collections of an account; at the first time with a calendar, a task list and an address book.</summary>
    public static CollectionStore Open(CollectionStoreOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        Posix.CreatePrivateDirectory(options.Directory);
        if (options.Owner is { } owner) FolderOwner.Claim(options.Directory, owner);
        var path = Path.Combine(options.Directory, StoreFile.Collections.Name);
        var mark = new ContentMark(options.Directory);
        if (mark.IsSet && new FileInfo(path) is { Exists: false } or { Length: 0 })
            throw new DamagedStoreException($"{path} is {(File.Exists(path) ? "empty" : "gone")}, although the account has calendars");
        var context = CollectionContext.Open(path, options.Limits, time);
        try
        {
            if (context.Tree.IsNew && mark.IsSet) throw new DamagedStoreException($"{path} holds no calendars, although the account has some");
            if (context.Tree.IsNew) FirstCollections.Make(context);
            else ForgetOldRemovals(context);
            ScheduleBoxes.Ensure(context);
            mark.Set();
            return new CollectionStore(context, new PendingMark(options.Directory), path, time);
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    public CollectionReply Read(CollectionRequest request) => _shares.Instead(request) ?? request switch
    {
        CollectionRequest.Find find => _reads.Find(find),
        CollectionRequest.List list => _reads.List(list),
        CollectionRequest.Query query => _reads.Query(query),
        CollectionRequest.ReadMany read => _reads.ReadMany(read),
        CollectionRequest.Synchronise synchronise => _reads.Synchronise(synchronise),
        CollectionRequest.FindLocks find => _reads.Locks(find),
        CollectionRequest.GetQuota => _reads.Quota(),
        CollectionRequest.MakeCopy make => MakeCopy(make.File),
        CollectionRequest.ReadAttachment read => _shares.ReadAttachment(read),
        CollectionRequest.ListMounts => _shares.ListMounts(),
        CollectionRequest.ListLinks => _shares.ListLinks(),
        _ => throw new InvalidOperationException($"{request.GetType().Name} does not read"),
    };

    private CollectionReply.Done MakeCopy(string file)
    {
        _context.CopyTo(file);
        return CollectionReply.Done.Instance;
    }

    /// <summary>Why an account may not do this to the collections of another; null when it may, or they are its own.</summary>
    public CollectionReply? RefuseVisitor(CollectionRequest.Change change) => change.Visitor is null ? null : _shares.Instead(change);

    /// <summary>Makes one change, not yet durable. Should it throw, <see cref="Rollback"/> undoes it and all others since the last commit.</summary>
    public CollectionReply Change(CollectionRequest.Change change)
    {
        if (_shares.Instead(change) is { } instead) return instead;
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
            CollectionRequest.AddLink add => _shares.AddLink(add),
            CollectionRequest.RemoveLinks remove => _shares.RemoveLinks(remove),
            CollectionRequest.Subscribe subscribe => _shares.Subscribe(subscribe),
            CollectionRequest.Unsubscribe unsubscribe => _shares.Unsubscribe(unsubscribe),
            _ => throw new InvalidOperationException($"unknown change {change.GetType().Name}"),
        };
    }

    public void Commit()
    {
        // The mark comes before what it tells of and goes after it: who starts anew looks for marks.
        RequireFile();
        if (_context.Outgoing.Count > 0) _pending.Set();
        if (_context.Commit()) _changes++;
        if (_context.Outgoing.Count == 0) _pending.Clear();
    }

    /// <summary>A file that was removed or replaced takes what is written to it along; what it holds is saved for a repair.</summary>
    private void RequireFile()
    {
        if (FileFacts.Find(_path)?.Identity == _file) return;
        _context.Rollback();
        if (!_isSaved) _context.TakeSnapshot(_path);
        _isSaved = true;
        throw new DamagedStoreException($"{_path} was removed or replaced while it was in use");
    }

    /// <summary>
    /// Takes a snapshot of what is committed when one is due: after 500 commits, a day after the last one, and at the end when there is none yet.
    /// </summary>
    /// <exception cref="DamagedStoreException">The database is damaged; the old snapshot is still there.</exception>
    public void TakeSnapshotWhenDue(bool isEnding)
    {
        if (_changes == 0) return;
        var taken = Snapshot.TakenAt(_path);
        var isOld = taken is { } at && StoredTime.IsOlder(at, _time.GetUtcNow(), SnapshotAge);
        if (_changes < ChangesBetweenSnapshots && !isOld && !(isEnding && taken is null)) return;
        _changes = 0;
        _context.TakeSnapshot(_path);
    }

    /// <summary>What is damaged, for people; nothing when the database is sound.</summary>
    public IReadOnlyList<string> FindDamage()
    {
        if (FileFacts.Find(_path)?.Identity != _file) return [$"{_path}: was removed or replaced while it was in use"];
        return _context.FindDamage() is { } damage ? [$"{_path}: {damage}"] : [];
    }

    /// <summary>The same where it takes a moment only; nothing is said of a large database.</summary>
    public IReadOnlyList<string> FindDamageQuickly() => new FileInfo(_path) is { Exists: true, Length: <= MostToCheck } ? FindDamage() : [];

    /// <summary>Whether a statement found the file damaged since it was opened.</summary>
    public bool IsDamaged => _context.IsDamaged;

    /// <summary>What was committed since this was asked last, for those who want to be told.</summary>
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
                if (context.Resources.ForgetRemoved(node.Id, context.Limits.DavRemovals) is not { } last) continue;
                node.Forgotten = last;
                context.Tree.Changed(node, node.ModSeq);
            }
        }

        context.Locks.RemoveExpired();
        context.Commit();
    }
}
