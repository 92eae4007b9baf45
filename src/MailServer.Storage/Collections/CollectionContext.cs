using MailServer.Domain;
using MailServer.Domain.Collections;
using MailServer.Storage.Health;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Collections;

/// <summary>State shared by the parts of an account's store: tables, transaction, mod-sequence and used octets.</summary>
internal sealed class CollectionContext : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly TimeProvider _time;
    private readonly SqliteStatement _saveModSeq;
    private List<CollectionChanged> _told = [];
    private long _modSeq;

    private CollectionContext(SqliteDatabase database, Limits limits, TimeProvider time)
    {
        _database = database;
        _time = time;
        Limits = limits;
        Properties = new PropertyTable(database);
        Shares = new ShareTables(database);
        Notices = new NoticeTable(database);
        Tree = new CollectionTree(database, Properties, Shares);
        Resources = new ResourceTable(database);
        Locks = new LockTable(database, limits.DavLockLifetime, time);
        Birthdays = new BirthdayCalendar(database);
        Subscriptions = new PushSubscriptionTable(database, limits.DavSubscriptionLifetime);
        Attachments = new AttachmentTable(database);
        Scheduled = new SchedulingObjectTable(database);
        Outgoing = new SchedulingQueueTable(database);
        _saveModSeq = database.Prepare("UPDATE state SET value = ? WHERE name = 'modseq'");
        Load();
    }

    public Limits Limits { get; }

    public bool IsDamaged => _database.IsCorrupt;

    public void CopyTo(string file) => _database.CopyTo(file);

    public void TakeSnapshot(string path) => DatabaseSnapshot.Take(_database, path);

    public string? FindDamage() => _database.FindDamage();

    public CollectionTree Tree { get; }

    public ResourceTable Resources { get; }

    public PropertyTable Properties { get; }

    public ShareTables Shares { get; }

    public NoticeTable Notices { get; }

    public LockTable Locks { get; }

    public BirthdayCalendar Birthdays { get; }

    public PushSubscriptionTable Subscriptions { get; }

    public AttachmentTable Attachments { get; }

    public SchedulingObjectTable Scheduled { get; }

    public SchedulingQueueTable Outgoing { get; }

    /// <summary>Total size of all resources and attachments in octets.</summary>
    public long Used { get; set; }

    public long ModSeq => _modSeq;

    public DateTimeOffset Now => _time.GetUtcNow();

    public long UnixTime => Now.ToUnixTimeSeconds();

    public static CollectionContext Open(string path, Limits limits, TimeProvider time)
    {
        var database = SqliteDatabase.Open(path);
        try
        {
            // The store has one owner. Commits are flushed, because the reply 201 promises durability.
            database.Execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000");
            database.Execute("PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY");
            database.Execute("BEGIN IMMEDIATE; COMMIT");
            CollectionSchema.Migrate(database);
            return new CollectionContext(database, limits, time);
        }
        catch (SqliteNativeException failure) when (failure.IsLocked)
        {
            database.Dispose();
            throw new StoreInUseException($"{path} is open in another process", failure);
        }
        catch (SqliteNativeException failure) when (failure.IsCorrupt)
        {
            database.Dispose();
            throw new DamagedStoreException($"{path} is damaged ({failure.Message})", failure);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Assigns the mod-sequence of a change.</summary>
    public long NextModSeq() => ++_modSeq;

    /// <summary>Begins the transaction for changes, unless one is open.</summary>
    public void Begin()
    {
        if (!_database.InTransaction) _database.Begin();
    }

    /// <summary>Makes all changes since <see cref="Begin"/> durable with a single flush.</summary>
    /// <returns>False if there were no changes.</returns>
    public bool Commit()
    {
        if (!_database.InTransaction) return false;
        var due = Subscriptions.ChangesToPush(Tree.Changes, Now);
        Tree.SaveChanged();
        _saveModSeq.Bind(1, _modSeq).Run();
        _database.Commit();
        _told.AddRange(due);
        return true;
    }

    /// <summary>Undoes all changes since <see cref="Begin"/>.</summary>
    public void Rollback()
    {
        _database.Rollback();
        Tree.Load();
        Locks.Load();
        Subscriptions.Load();
        Outgoing.Load();
        Load();
    }

    /// <summary>Returns and clears the committed changes that subscribers must be notified of.</summary>
    public IReadOnlyList<CollectionChanged> TakeChanges()
    {
        if (_told.Count == 0) return [];
        var told = _told;
        _told = [];
        return told;
    }

    public void Dispose() => _database.Dispose();

    private void Load()
    {
        _modSeq = _database.Scalar("SELECT value FROM state WHERE name = 'modseq'");
        Attachments.Reload();
        Used = Resources.TotalSize() + Attachments.TotalSize();
        Birthdays.Load(Tree);
    }
}
