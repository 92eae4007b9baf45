using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.TextIndex;

/// <summary>How far the messages of a folder were indexed.</summary>
/// <param name="Folder">The id of the folder.</param>
/// <param name="UidValidity">Its UIDVALIDITY.</param>
/// <param name="LastUid">All messages up to this UID are in a segment.</param>
internal readonly record struct FolderProgress(long Folder, uint UidValidity, uint LastUid);

/// <summary>
/// An open <c>search.db</c>. A segment counts when its row exists; its chunks are written before and removed after that. Everything in the file can be made again, so a file of another format,
/// or of another mailbox, is refused and replaced.
/// </summary>
internal sealed class TextIndexDatabase : IDisposable
{
    /// <summary>Must change whenever the tables, the grams or the folding of texts change.</summary>
    private const int Format = 1;

    private const string Schema = """
        CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE segments (id INTEGER PRIMARY KEY, content BLOB NOT NULL);
        CREATE TABLE chunks (key INTEGER PRIMARY KEY, data BLOB NOT NULL);
        CREATE TABLE folders (id INTEGER PRIMARY KEY, uidvalidity INTEGER NOT NULL, last_uid INTEGER NOT NULL);
        """;

    /// <summary>In the key of a chunk, the bits of its first term; the segment is above them.</summary>
    private const int TermBits = Terms.HeadBits;

    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _insertSegment;
    private readonly SqliteStatement _deleteSegment;
    private readonly SqliteStatement _insertChunk;
    private readonly SqliteStatement _findChunk;
    private readonly SqliteStatement _selectChunks;
    private readonly SqliteStatement _deleteChunks;
    private readonly SqliteStatement _setFolder;

    private TextIndexDatabase(SqliteDatabase database, string path)
    {
        (_database, Path) = (database, path);
        Identity = FileStat.Find(path)?.Identity;
        _insertSegment = database.Prepare("INSERT INTO segments VALUES (?, ?)");
        _deleteSegment = database.Prepare("DELETE FROM segments WHERE id = ?");
        _insertChunk = database.Prepare("INSERT INTO chunks VALUES (?, ?)");
        _findChunk = database.Prepare("SELECT key, data FROM chunks WHERE key <= ? ORDER BY key DESC LIMIT 1");
        _selectChunks = database.Prepare("SELECT key, data FROM chunks WHERE key BETWEEN ? AND ? ORDER BY key LIMIT ?");
        _deleteChunks = database.Prepare("DELETE FROM chunks WHERE key BETWEEN ? AND ?");
        _setFolder = database.Prepare("INSERT INTO folders VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET uidvalidity = excluded.uidvalidity, last_uid = excluded.last_uid");
    }

    public string Path { get; }

    /// <summary>Identifies the file independently of its name.</summary>
    public (uint, uint, ulong)? Identity { get; }

    /// <summary>Opens the file, or creates it. Returns null if it is of another format or belongs to another index of the mailbox; it must then be removed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mailbox">Identifies the index of the mailbox.</param>
    /// <exception cref="SqliteNativeException">The file is damaged or cannot be used now.</exception>
    public static TextIndexDatabase? Open(string path, long mailbox)
    {
        var isNew = !File.Exists(path);
        if (isNew) PrivateFile.Create(path).Dispose();
        var database = SqliteDatabase.Open(path);
        try
        {
            database.RequireWritable();
            if (isNew) database.Execute("PRAGMA auto_vacuum = INCREMENTAL");
            // Exclusive locking without shared memory: no other process can even read.
            database.Execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 500; PRAGMA cache_size = -2000");
            database.Execute("BEGIN IMMEDIATE; COMMIT");
            if (isNew) Create(database, mailbox);
            var isOurs = database.Scalar("PRAGMA user_version") == Format && database.Scalar("SELECT value FROM state WHERE name = 'mailbox'") == mailbox;
            if (isOurs) return new TextIndexDatabase(database, path);
        }
        catch
        {
            database.Dispose();
            throw;
        }

        database.Dispose();
        return null;
    }

    /// <summary>Reads all segments, and removes what a killed process has left of others.</summary>
    /// <exception cref="InvalidDataException">A segment is damaged.</exception>
    public List<Segment> LoadSegments()
    {
        var segments = new List<Segment>();
        using (var select = _database.PrepareOnce("SELECT id, content FROM segments ORDER BY id"))
            while (select.Step()) segments.Add(Segment.Unpack(select.Long(0), select.Blob(1)));
        var next = 0L;
        foreach (var segment in segments)
        {
            RemoveChunks(next, segment.Id - 1);
            next = segment.Id + 1;
        }

        RemoveChunks(next, long.MaxValue >> TermBits);
        return segments;
    }

    public List<FolderProgress> LoadFolders()
    {
        var folders = new List<FolderProgress>();
        using var select = _database.PrepareOnce("SELECT id, uidvalidity, last_uid FROM folders");
        while (select.Step()) folders.Add(new FolderProgress(select.Long(0), (uint)select.Long(1), (uint)select.Long(2)));
        return folders;
    }

    /// <summary>Runs <paramref name="work"/> in one transaction.</summary>
    public void Write(Action work)
    {
        _database.Begin();
        try
        {
            work();
            _database.Commit();
        }
        catch
        {
            _database.Rollback();
            throw;
        }
    }

    public void Insert(Segment segment) => _insertSegment.Bind(1, segment.Id).Bind(2, segment.Pack().AsSpan()).Run();

    public void Remove(Segment segment) => _deleteSegment.Bind(1, segment.Id).Run();

    public void Insert(long segment, in Chunk chunk) => _insertChunk.Bind(1, KeyOf(segment, chunk.First)).Bind(2, chunk.Data.AsSpan()).Run();

    /// <summary>Removes the chunks of a segment whose first terms are in a range, all of it included.</summary>
    public void RemoveChunks(Segment segment, uint first, uint last) => _deleteChunks.Bind(1, KeyOf(segment.Id, first)).Bind(2, KeyOf(segment.Id, last)).Run();

    public void Set(in FolderProgress folder) => _setFolder.Bind(1, folder.Folder).Bind(2, folder.UidValidity).Bind(3, folder.LastUid).Run();

    /// <summary>Sets a bit for each message of a term; false if the segment does not have it.</summary>
    /// <exception cref="InvalidDataException">The chunk is damaged or missing.</exception>
    public bool TryRead(Segment segment, ulong term, ulong[] messages)
    {
        var chunk = FindChunk(segment, Terms.HeadOf(term));
        while (chunk.MoveNext() && chunk.Term <= term)
        {
            if (chunk.Term < term) continue;
            chunk.ReadInto(messages);
            return true;
        }

        return false;
    }

    private ChunkReader FindChunk(Segment segment, uint term)
    {
        var isFound = _findChunk.Bind(1, KeyOf(segment.Id, term)).Step();
        var key = isFound ? _findChunk.Long(0) : 0;
        var data = isFound ? _findChunk.Blob(1).ToArray() : [];
        _findChunk.Reset();
        if (!isFound || key >> TermBits != segment.Id) throw new InvalidDataException("a chunk is missing");
        var chunk = new ChunkReader(data, (uint)(key & ((1L << TermBits) - 1)), segment.Keys.Length);
        return chunk.Next > term ? chunk : throw new InvalidDataException("a chunk is missing");
    }

    /// <summary>Reads some chunks of a segment in their order.</summary>
    /// <returns>False if these were the last.</returns>
    public bool ReadChunks(Segment segment, List<Chunk> chunks, int count)
    {
        var first = chunks.Count == 0 ? 0 : chunks[^1].First + 1;
        _selectChunks.Bind(1, KeyOf(segment.Id, first)).Bind(2, KeyOf(segment.Id, Terms.End - 1)).Bind(3, count);
        for (; _selectChunks.Step(); count--) chunks.Add(new Chunk((uint)(_selectChunks.Long(0) & ((1L << TermBits) - 1)), _selectChunks.Blob(1).ToArray()));
        _selectChunks.Reset();
        return count == 0;
    }

    /// <summary>Gives some of the space that is not in use back to the file system if it is much.</summary>
    public void Shrink(int pages)
    {
        if (_database.Scalar("PRAGMA freelist_count") > _database.Scalar("PRAGMA page_count") / 4) _database.Execute(FormattableString.Invariant($"PRAGMA incremental_vacuum({pages})"));
    }

    /// <summary>Makes closing cheap.</summary>
    public void KeepLogOnClose() => _database.KeepLogOnClose();

    public void Dispose() => _database.Dispose();

    private static long KeyOf(long segment, uint term) => (segment << TermBits) | term;

    private static void Create(SqliteDatabase database, long mailbox)
    {
        database.Execute("BEGIN IMMEDIATE");
        database.Execute(Schema);
        database.Execute(FormattableString.Invariant($"INSERT INTO state VALUES ('mailbox', {mailbox}); PRAGMA user_version = {Format}"));
        database.Execute("COMMIT");
    }

    private void RemoveChunks(long first, long last)
    {
        if (first <= last) _deleteChunks.Bind(1, KeyOf(first, 0)).Bind(2, KeyOf(last, Terms.End - 1)).Run();
    }
}
