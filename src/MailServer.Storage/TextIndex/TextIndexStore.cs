using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.Health;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.TextIndex;

/// <summary>
/// The index of the texts of a mailbox, in <c>search.db</c>: finds the messages that may contain a text. It is used by the owner of the mailbox, which searches, and by one other thread, which adds
/// messages; a lock is held for some milliseconds at a time. A damaged file is set aside, and the index begins anew. While the file cannot be used, all messages may contain all texts.
/// </summary>
internal sealed partial class TextIndexStore : IDisposable
{
    /// <summary>The number of chunks that are written, read or removed while the lock is held.</summary>
    private const int Slice = 64;

    /// <summary>This many segments of similar size become one.</summary>
    private const int MergedAtOnce = 8;

    private const long MaxMergedOctets = 16 * 1024 * 1024;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly string _directory;
    private readonly string _path;
    private readonly long _mailbox;
    private readonly TextIndexOptions _options;
    private readonly TimeProvider _time;
    private readonly Dictionary<long, FolderProgress> _folders = [];
    private TextIndexDatabase? _database;
    private List<Segment> _segments = [];
    private long _looked;
    private long _generation;
    private bool _hasFailed;
    private bool _isDisposed;

    /// <param name="directory">The folder of the account.</param>
    /// <param name="mailbox">Identifies the mailbox's index of messages, whose keys are used here.</param>
    /// <param name="options">The settings.</param>
    /// <param name="time">Time source.</param>
    public TextIndexStore(string directory, long mailbox, TextIndexOptions options, TimeProvider time)
    {
        (_directory, _path, _mailbox, _options, _time) = (directory, TextIndexFile.PathIn(directory), mailbox, options, time);
        options.Problems.FindSetAside(options.Subject, _path);
        lock (_lock) Open();
    }

    public TextIndexOptions Options => _options;

    /// <summary>The key of the hashes of words.</summary>
    public ulong WordKey => (ulong)_mailbox;

    /// <summary>True if the index was closed.</summary>
    public bool IsClosed => Volatile.Read(ref _isDisposed);

    /// <summary>The number of messages in the index, among them some that no longer exist.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _segments.Sum(static segment => segment.Keys.Length);
        }
    }

    /// <summary>The segments, for tests.</summary>
    internal IReadOnlyList<Segment> Segments
    {
        get
        {
            lock (_lock) return [.. _segments];
        }
    }

    /// <summary>Changes whenever the content is lost, and the file closed.</summary>
    public long Generation
    {
        get
        {
            lock (_lock) return _generation;
        }
    }

    /// <summary>How far a folder was indexed; null if nothing can be indexed at the moment.</summary>
    public FolderProgress? ProgressOf(FolderId folder)
    {
        lock (_lock)
        {
            if (!IsReady()) return null;
            return _folders.TryGetValue(folder.Value, out var known) ? known : new FolderProgress(folder.Value, 0, 0);
        }
    }

    /// <summary>Begins anew with a folder, whose messages are not all indexed.</summary>
    public void Restart(FolderId folder) => Try(database =>
    {
        _folders.Remove(folder.Value);
        database.Write(() => database.Set(new FolderProgress(folder.Value, 0, 0)));
        return true;
    });

    /// <summary>Removes everything: the index does not fit the mailbox.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            Close();
            TextIndexFile.RemoveFrom(_directory);
            Open();
        }
    }

    /// <summary>Finds the messages of a folder that may contain a text; null if the index cannot tell.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="uids">Its messages.</param>
    /// <param name="scopes">Where to look.</param>
    /// <param name="folded">The text.</param>
    /// <returns>What is known, and the number of messages that are indexed.</returns>
    public (TextMatches Matches, int Indexed)? Find(FolderId folder, UidList uids, ReadOnlySpan<SearchScope> scopes, string folded)
    {
        var grams = Grams.OfSearch(folded);
        if (grams.Length == 0) return null;
        var where = scopes.ToArray();
        var word = where.Contains(SearchScope.Body) ? Words.OfSearch(folded, WordKey) : null;
        return Try<(TextMatches, int)?>(database =>
        {
            var matches = new TextMatches(new MessageBits(uids, isSet: true), new MessageBits(uids, isSet: false));
            var indexed = 0;
            foreach (var segment in _segments)
            {
                if (segment.Last >> 32 < folder.Value || segment.First >> 32 > folder.Value) continue;
                var found = new ulong[(segment.Keys.Length + 63) / 64];
                foreach (var scope in where) Find(database, segment, scope, grams, found);
                foreach (var number in segment.Partial) found[number >> 6] |= 1UL << (number & 63);
                indexed += matches.May.Put(folder.Value, segment.Keys, found);
                Array.Clear(found);
                if (word is { } hash && database.TryRead(segment, Terms.OfWord(hash), found)) matches.Sure.Put(folder.Value, segment.Keys, found);
            }

            return (matches, indexed);
        });
    }

    /// <summary>Leaves out the messages that are in the index.</summary>
    public HashSet<long> WithoutIndexed(IEnumerable<long> keys)
    {
        var left = keys.ToHashSet();
        foreach (var segment in Segments)
        {
            if (left.Count > 0 && segment.First <= left.Max() && segment.Last >= left.Min()) left.ExceptWith(segment.Keys);
        }

        return left;
    }

    /// <summary>Closes the file within microseconds; the next opening finds its log.</summary>
    public void CloseAtOnce()
    {
        lock (_lock)
        {
            _database?.KeepLogOnClose();
            Dispose();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            Close();
        }
    }

    private static void Find(TextIndexDatabase database, Segment segment, SearchScope scope, uint[] grams, ulong[] found)
    {
        var all = new ulong[found.Length];
        var one = new ulong[found.Length];
        Array.Fill(all, ulong.MaxValue);
        foreach (var gram in grams)
        {
            Array.Clear(one);
            if (!database.TryRead(segment, Terms.OfGram(scope, gram), one)) return;
            var any = 0UL;
            for (var i = 0; i < all.Length; i++) any |= all[i] &= one[i];
            if (any == 0) return;
        }

        for (var i = 0; i < all.Length; i++) found[i] |= all[i];
    }

    /// <summary>Uses the database, and handles its failures; the default value if it cannot be used.</summary>
    /// <param name="use">What to do.</param>
    /// <param name="generation">What is to be done makes no sense if the content was lost since.</param>
    private T? Try<T>(Func<TextIndexDatabase, T> use, long? generation = null)
    {
        lock (_lock)
        {
            if (!IsReady() || (generation is { } expected && expected != _generation)) return default;
            try
            {
                return use(_database!);
            }
            catch (Exception e) when (e is InvalidDataException || StoreFailure.Classify(e) is not null)
            {
                Fail(e);
                return default;
            }
        }
    }

    /// <summary>Opens the file again after a while if it could not be used, or was replaced or removed.</summary>
    private bool IsReady()
    {
        if (_isDisposed) return false;
        if (_time.GetElapsedTime(_looked) < (_database is null ? BetweenTries : BetweenLooks)) return _database is not null;
        _looked = _time.GetTimestamp();
        if (_database is not null && FileStat.Find(_path)?.Identity == _database.Identity) return true;
        Close();
        Open();
        return _database is not null;
    }

    private void Open()
    {
        _looked = _time.GetTimestamp();
        try
        {
            if (new FileInfo(_path) is { Exists: true, Length: 0 }) throw new DamagedStoreException("the file is empty");
            _database = TextIndexDatabase.Open(_path, _mailbox);
            if (_database is null)
            {
                TextIndexFile.RemoveFrom(_directory);
                _database = TextIndexDatabase.Open(_path, _mailbox);
            }

            _segments = _database!.LoadSegments();
            foreach (var folder in _database.LoadFolders()) _folders[folder.Folder] = folder;
            if (_hasFailed) _options.Problems.Clear(_options.Subject);
            _hasFailed = false;
        }
        catch (Exception e) when (e is InvalidDataException || StoreFailure.Classify(e) is not null)
        {
            Fail(e);
        }
    }

    private void Fail(Exception e)
    {
        lock (_lock)
        {
            Close();
            if (_isDisposed) return;
            var failure = e is InvalidDataException ? new StoreFailure(e.Message, SqliteFaultKind.Damage) : StoreFailure.Classify(e)!.Value;
            // Damage of a file that was just made is a fault of the disk.
            if (failure.IsDamage && TrySetAside(failure.Reason)) return;
            _hasFailed = true;
            if (failure.Kind == SqliteFaultKind.Busy) return;
            _options.Problems.Report(_options.Subject, $"{_path} cannot be used ({failure.Reason}): searches for text take longer", failure.At(_path).Remedy);
        }
    }

    private bool TrySetAside(string reason)
    {
        try
        {
            var aside = DamagedFile.SetAside(_path, _time);
            _database = TextIndexDatabase.Open(_path, _mailbox);
            _options.Problems.Replaced(_options.Subject, reason, aside, DatabaseKind.Search.Lost);
            return true;
        }
        catch (Exception e) when (StoreFailure.Classify(e) is not null)
        {
            return false;
        }
    }

    private void Close()
    {
        _generation++;
        _segments = [];
        _folders.Clear();
        try
        {
            _database?.Dispose();
        }
        catch (Exception e) when (StoreFailure.Classify(e) is not null)
        {
            // It is closed because of such failures, too.
        }

        _database = null;
    }
}
