using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.MailboxIndex;

/// <summary>A row of <c>message_cache</c>; parts that were not requested are empty.</summary>
internal readonly record struct CachedSummary(
    ReadOnlyMemory<byte> Envelope, ReadOnlyMemory<byte> BodyStructure, ReadOnlyMemory<byte> Headers, ReadOnlyMemory<byte> Parts);

/// <summary>The table of prepared FETCH responses. Missing or outdated rows are recreated from the file.</summary>
internal sealed class SummaryCache(SqliteDatabase database)
{
    private const FetchItems All = FetchItems.Envelope | FetchItems.BodyStructure | FetchItems.Headers | FetchItems.Parts;

    private readonly SqliteStatement _insert = database.Prepare(
        """
        INSERT INTO message_cache (key, version, envelope, body_structure, headers, parts) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (key) DO UPDATE SET version = excluded.version, envelope = excluded.envelope, body_structure = excluded.body_structure,
            headers = excluded.headers, parts = excluded.parts
        """);

    private readonly SqliteStatement _copy = database.Prepare(
        "INSERT OR REPLACE INTO message_cache SELECT ?, version, envelope, body_structure, headers, parts, preview FROM message_cache WHERE key = ?");

    // Version 0: there is no summary yet.
    private readonly SqliteStatement _insertPreview = database.Prepare(
        "INSERT INTO message_cache (key, version, preview) VALUES (?, 0, ?) ON CONFLICT (key) DO UPDATE SET preview = excluded.preview");

    private readonly SqliteStatement _selectPreview = database.Prepare("SELECT preview FROM message_cache WHERE key = ?");

    private readonly SqliteStatement _remove = database.Prepare("DELETE FROM message_cache WHERE key = ?");
    private readonly SqliteStatement _select = database.Prepare(
        "SELECT key, version, envelope, body_structure, headers, parts FROM message_cache WHERE key BETWEEN ? AND ? ORDER BY key");

    public void Insert(long key, MessageSummary summary) => _insert
        .Bind(1, key).Bind(2, MessageSummary.CurrentVersion).Bind(3, summary.Envelope.Span).Bind(4, summary.BodyStructure.Span)
        .Bind(5, summary.Headers.Span).Bind(6, summary.Parts.Span).Run();

    public void Copy(long source, long target) => _copy.Bind(1, target).Bind(2, source).Run();

    public void InsertPreview(long key, string preview) => _insertPreview.Bind(1, key).Bind(2, preview).Run();

    /// <summary>The stored preview of a message; null if there is none.</summary>
    public string? FindPreview(long key)
    {
        var preview = _selectPreview.Bind(1, key).Step() && !_selectPreview.IsNull(0) ? _selectPreview.Text(0) : null;
        _selectPreview.Reset();
        return preview;
    }

    public void Remove(long key) => _remove.Bind(1, key).Run();

    public bool TryGet(long key, FetchItems items, out CachedSummary summary)
    {
        summary = default;
        _select.Bind(1, key).Bind(2, key);
        var found = _select.Step() && _select.Long(1) == MessageSummary.CurrentVersion;
        if (found) summary = Read(items);
        _select.Reset();
        return found;
    }

    /// <summary>Reads the cached rows for ascending keys; adjacent rows are read in one pass.</summary>
    public void Fill(ReadOnlySpan<long> keys, FetchItems items, CachedSummary?[] into)
    {
        if ((items & All) == 0) return;
        if (keys.Length < 8 || keys[^1] - keys[0] > keys.Length * 2L)
        {
            for (var i = 0; i < keys.Length; i++) into[i] = TryGet(keys[i], items, out var summary) ? summary : null;
            return;
        }

        _select.Bind(1, keys[0]).Bind(2, keys[^1]);
        for (var i = 0; _select.Step();)
        {
            var key = _select.Long(0);
            while (i < keys.Length && keys[i] < key) i++;
            if (i < keys.Length && keys[i] == key && _select.Long(1) == MessageSummary.CurrentVersion) into[i] = Read(items);
        }

        _select.Reset();
    }

    private CachedSummary Read(FetchItems items) => new(
        items.HasFlag(FetchItems.Envelope) ? _select.Blob(2).ToArray() : default,
        items.HasFlag(FetchItems.BodyStructure) ? _select.Blob(3).ToArray() : default,
        items.HasFlag(FetchItems.Headers) ? _select.Blob(4).ToArray() : default,
        items.HasFlag(FetchItems.Parts) ? _select.Blob(5).ToArray() : default);
}
