using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Timing;
using MailServer.Storage.Health;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace MailServer.Storage.Directory;

/// <summary>
/// The directory of a running server in <c>mail.db</c>. While the file is damaged or missing, lookups fail
/// temporarily (<see cref="DirectoryRefusal.DatabaseUnusable"/>) and a problem that stops the service is reported.
/// When <c>mailserver check --repair</c> or an administrator has replaced the file, it is reopened without a restart.
/// </summary>
public sealed class RecoveringDirectory : IDirectoryStore
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Action<string, string, string>? _audit;
    private readonly AccountFolders _folders;
    private readonly StoreProblems _problems;
    private DirectoryStore? _store;
    private Exception? _reason;
    private long _tried;
    private (uint, uint, ulong)? _file;
    private long _versionsBefore;
    private long _lastVersion;
    private long _snapshotVersion = -1;
    private int _openings;

    private RecoveringDirectory(string path, TimeProvider time, Action<string, string, string>? audit, AccountFolders folders, StoreProblems problems)
    {
        (_path, _time, _audit, _folders, _problems) = (path, time, audit, folders, problems);
        Administration = new DelegatingAdministration(() => Current().Administration);
    }

    public IDirectoryAdministration Administration { get; }

    public int MigrationsApplied { get; private set; }

    /// <summary>Number of times that a file was opened. When it increases, comparisons with the directory must be repeated.</summary>
    public int OpenCount
    {
        get
        {
            lock (_lock) return _openings;
        }
    }

    public long Version
    {
        get
        {
            try
            {
                lock (_lock) return _lastVersion = Ask(static store => store.Version) + _versionsBefore;
            }
            catch (DirectoryException)
            {
                return _lastVersion;
            }
        }
    }

    /// <summary>Opens the directory; if the file is damaged, starts to wait for its repair.</summary>
    /// <exception cref="DirectoryException">There is no directory yet, or a newer server wrote it.</exception>
    public static RecoveringDirectory Open(string path, TimeProvider time, Action<string, string, string>? audit, AccountFolders folders, StoreProblems problems)
    {
        // Without file and snapshot the server was never set up: report this instead of waiting.
        if (!PathPresence.Exists(path) && !File.Exists(DatabaseSnapshot.PathOf(path))) throw new DirectoryException(DirectoryRefusal.DatabaseMissing, path);
        var directory = new RecoveringDirectory(path, time, audit, folders, problems);
        directory.TryOpen();
        if (directory._reason is DirectoryException { Refusal: DirectoryRefusal.DatabaseNewer } newer) throw newer;
        return directory;
    }

    public ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancel) => Ask(store => store.ResolveAsync(address, cancel));

    public ValueTask<bool> IsHostedAsync(string domain, CancellationToken cancel) => Ask(store => store.IsHostedAsync(domain, cancel));

    public ValueTask<HostedDomain?> FindDomainAsync(string domain, CancellationToken cancel) => Ask(store => store.FindDomainAsync(domain, cancel));

    public ValueTask<AccountCredentials?> FindLoginAsync(EmailAddress login, CancellationToken cancel) => Ask(store => store.FindLoginAsync(login, cancel));

    public ValueTask<bool> MaySendAsAsync(AccountId account, EmailAddress sender, CancellationToken cancel) => Ask(store => store.MaySendAsAsync(account, sender, cancel));

    public ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(AccountId account, CancellationToken cancel) => Ask(store => store.AddressesOfAsync(account, cancel));

    public ValueTask<Account?> FindAccountAsync(AccountId account, CancellationToken cancel) => Ask(store => store.FindAccountAsync(account, cancel));

    public ValueTask<IReadOnlyList<Account>> SharersAsync(AccountId guest, CancellationToken cancel) => Ask(store => store.SharersAsync(guest, cancel));

    public ValueTask AddShareAsync(AccountId owner, AccountId? guest, CancellationToken cancel) => Ask(store => store.AddShareAsync(owner, guest, cancel));

    /// <summary>
    /// Must be called periodically: opens a repaired file, detects a removed or emptied one, and
    /// takes a snapshot after changes if the last one is older than <paramref name="snapshotAge"/>.
    /// </summary>
    public void Maintain(TimeSpan snapshotAge)
    {
        try
        {
            _ = Current();
            var version = Version;
            // A repair has replaced the file; the open one has no name any more.
            if (File.Exists(_path) && FileStat.Find(_path)?.Identity != _file) CloseAndReopen(Unusable("the file was replaced"));
            else if (!File.Exists(_path)) RewriteRemovedFile();
            else if (new FileInfo(_path).Length == 0) CloseAndReopen(Unusable("the file is empty"));
            else if (version != _snapshotVersion && IsDue(snapshotAge)) TakeSnapshot(version);
        }
        catch (DirectoryException)
        {
            // Already reported where it was detected.
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _store?.Dispose();
            _store = null;
        }
    }

    private T Ask<T>(Func<DirectoryStore, T> question)
    {
        try
        {
            return question(Current());
        }
        catch (DirectoryException e) when (e.Refusal == DirectoryRefusal.DatabaseUnusable)
        {
            CloseAndReopen(e);
            throw;
        }
    }

    private DirectoryStore Current()
    {
        lock (_lock)
        {
            if (_store is null && _time.GetElapsedTime(_tried) >= BetweenTries) TryOpen();
            return _store ?? throw new DirectoryException(DirectoryRefusal.DatabaseUnusable, _path, _reason);
        }
    }

    /// <summary>Closes the directory after a failure and reopens it at once if the file is intact, for example after a full disk or interference by another program.</summary>
    private void CloseAndReopen(DirectoryException e)
    {
        lock (_lock)
        {
            if (_store is null) return;
            // The version of the next store starts again at zero, but versions must only increase.
            _versionsBefore = _lastVersion + 1;
            _store.Dispose();
            _store = null;
            _reason = e;
            TryOpen();
        }
    }

    /// <summary>Rewrites a file that was removed: the open file still has all data.</summary>
    private void RewriteRemovedFile()
    {
        var next = _path + ".next";
        Posix.TryUnlink(next);
        try
        {
            lock (_lock) _store?.CopyTo(next);
            SqliteDatabase.MakePrivate(next);
            // The write-ahead log belongs to the removed file.
            foreach (var suffix in (string[])["-wal", "-shm"]) Posix.TryUnlink(_path + suffix);
            Posix.LinkOrCopy(next, _path);
            _problems.Replaced(DatabaseKind.Directory.Name, "the file was removed while the server was running", null, "it was rewritten with its full content");
            CloseAndReopen(Unusable("the file was replaced"));
        }
        catch (Exception e) when (e is IOException or SqliteException)
        {
            CloseAndReopen(Unusable("the file is missing"));
        }
        finally
        {
            Posix.TryUnlink(next);
        }
    }

    private void TryOpen()
    {
        _tried = _time.GetTimestamp();
        try
        {
            if (!File.Exists(_path)) throw Unusable("the file is missing");
            if (new FileInfo(_path).Length == 0) throw Unusable("the file is empty");
            using (var database = SqliteDatabase.OpenReadOnly(_path))
            {
                database.Execute("PRAGMA busy_timeout = 5000");
                if (database.FindDamage() is { } damage) throw Unusable(damage);
            }

            _file = FileStat.Find(_path)?.Identity;
            _store = DirectoryStore.Open(_path, create: false, _time, _audit, _folders);
            _openings++;
            MigrationsApplied = _store.MigrationsApplied;
            _reason = null;
            if (Posix.IsWritable(_path)) _problems.Clear(DatabaseKind.Directory.Name);
            else _problems.Report(DatabaseKind.Directory.Name, $"{_path} is not writable: users can sign in, but accounts cannot be changed", "make the file owned and writable by the server's user");
        }
        catch (Exception e) when (e is DirectoryException or IOException or UnauthorizedAccessException)
        {
            _reason = e;
            _problems.Report(
                DatabaseKind.Directory.Name,
                $"{_path} cannot be used ({(e.InnerException ?? e).Message}): users cannot sign in, and mail is temporarily refused",
                StoreFailure.Classify(e)?.At(_path) is { IsDamage: false } failure
                    ? failure.Remedy
                    : $"run 'mailserver check --repair' to restore the snapshot{Taken()}, or restore the file from a backup",
                stopsService: true);
        }
    }

    private bool IsDue(TimeSpan age) => DatabaseSnapshot.TakenAt(_path) is not { } taken || StoredTime.IsOlder(taken, _time.GetUtcNow(), age);

    private string Taken() => DatabaseSnapshot.TakenAt(_path) is { } at ? FormattableString.Invariant($" of {at:yyyy-MM-dd HH:mm} UTC") : "";

    private DirectoryException Unusable(string reason) => new(DirectoryRefusal.DatabaseUnusable, _path, new InvalidDataException(reason));

    private void TakeSnapshot(long version)
    {
        const string Subject = "mail.db.snapshot";
        try
        {
            DatabaseSnapshot.Take(_path);
            _snapshotVersion = version;
            _problems.Clear(Subject);
        }
        catch (DamagedStoreException e)
        {
            CloseAndReopen(Unusable(e.Message));
        }
        catch (IOException e)
        {
            _problems.Report(Subject, $"the snapshot of {_path} cannot be written ({e.Message})", "free space on the disk");
        }
    }
}
