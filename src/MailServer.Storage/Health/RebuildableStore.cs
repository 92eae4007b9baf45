using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Health;

/// <summary>
/// A database that the server can lose without harm. A damaged file is set aside and replaced by an empty one at once. While the
/// file cannot be written (full disk, read-only file) the store works in memory and periodically retries. A lock serialises access.
/// </summary>
/// <typeparam name="TStore">The store on an open database.</typeparam>
internal sealed class RebuildableStore<TStore> : IDisposable where TStore : class, IDisposable
{
    private const string InMemory = ":memory:";
    private const long LeastFree = 4 * 1024 * 1024;
    private const long MostToCheck = 64 * 1024 * 1024;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly DatabaseKind _file;
    private readonly string _path;
    private readonly Func<string, TStore> _open;
    private readonly StoreProblems _problems;
    private readonly TimeProvider _time;
    private TStore? _store;
    private bool _isInMemory;
    private bool _isDisposed;
    private long _looked;
    private (uint, uint, ulong)? _number;

    /// <param name="file">The database.</param>
    /// <param name="path">Path of the file.</param>
    /// <param name="open">Opens the store in a file, or in memory if the path is <c>:memory:</c>.</param>
    /// <param name="problems">Receives reports of damage.</param>
    /// <param name="time">Time source.</param>
    public RebuildableStore(DatabaseKind file, string path, Func<string, TStore> open, StoreProblems problems, TimeProvider time)
    {
        (_file, _path, _open, _problems, _time) = (file, path, open, problems, time);
        problems.FindSetAside(file.Name, path);
        Open();
        _looked = time.GetTimestamp();
    }

    public T Do<T>(Func<TStore, T> work)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Look();
            try
            {
                return work(_store!);
            }
            catch (Exception e) when (!_isInMemory && StoreFailure.Of(e) is not null)
            {
                Replace(StoreFailure.Of(e)!.Value);
                return work(_store!);
            }
        }
    }

    public void Do(Action<TStore> work) => Do(store =>
    {
        work(store);
        return 0;
    });

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _problems.SetRetry(_file.Name, null);
            _store?.Dispose();
        }
    }

    private static void Sound(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length > MostToCheck) return;
        if (file.Length == 0) throw new DamagedStoreException("the file is empty");
        using var database = SqliteDatabase.OpenReadOnly(path);
        database.Execute("PRAGMA busy_timeout = 5000");
        if (database.FindDamage() is { } damage) throw new DamagedStoreException(damage);
    }

    private void Open()
    {
        try
        {
            Sound(_path);
            OpenFile();
        }
        catch (Exception e) when (StoreFailure.Of(e) is not null)
        {
            Replace(StoreFailure.Of(e)!.Value);
        }
    }

    private void OpenFile()
    {
        _store = _open(_path);
        _isInMemory = false;
        _number = FileStat.Find(_path)?.Identity;
        _problems.SetRetry(_file.Name, null);
        _problems.Clear(_file.Name);
    }

    private void Retry()
    {
        lock (_lock)
        {
            if (!_isDisposed && _isInMemory) LookNow();
        }
    }

    /// <summary>Detects a file that was removed or emptied, and switches back from memory to a file that is writable again.</summary>
    private void Look()
    {
        if (_time.GetElapsedTime(_looked) >= (_isInMemory ? BetweenTries : BetweenLooks)) LookNow();
    }

    private void LookNow()
    {
        _looked = _time.GetTimestamp();
        if (_isInMemory)
        {
            if (FreeSpace() < LeastFree) return;
            var inMemory = _store;
            Open();
            if (!ReferenceEquals(_store, inMemory)) inMemory?.Dispose();
        }
        else if (File.Exists(_path) && FileStat.Find(_path)?.Identity != _number)
        {
            // A command has replaced a damaged file.
            Close();
            Open();
        }
        else if (new FileInfo(_path) is { Exists: false } or { Length: 0 })
        {
            Replace(new StoreFailure(File.Exists(_path) ? "the file is empty" : "the file is missing", SqliteFaultKind.Damage));
        }
    }

    private long FreeSpace() => new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(_path))!).AvailableFreeSpace;

    private void Replace(StoreFailure failure)
    {
        Close();
        if (failure.IsDamage)
        {
            try
            {
                var aside = DamagedFile.SetAside(_path, _time);
                OpenFile();
                _problems.Replaced(_file.Name, failure.Reason, aside, _file.Lost);
                return;
            }
            catch (Exception e) when (StoreFailure.Of(e) is not null)
            {
                failure = StoreFailure.Of(e)!.Value;
            }
        }

        if (!_isInMemory || _store is null) _store = _open(InMemory);
        _isInMemory = true;
        _problems.SetRetry(_file.Name, Retry);
        _problems.Report(
            _file.Name, $"{_path} cannot be used ({failure.Reason}): the server keeps this data in memory and loses it when it stops",
            failure.At(_path).Remedy);
    }

    private void Close()
    {
        var store = _isInMemory ? null : _store;
        if (!_isInMemory) _store = null;
        try
        {
            store?.Dispose();
        }
        catch (Exception e) when (StoreFailure.Of(e) is not null)
        {
            // The store is being closed because of such failures.
        }
    }
}
