using MailServer.Domain.Measurements;
using MailServer.Storage.Health;

namespace MailServer.Storage.History;

/// <summary>
/// The history of a node in <c>history.db</c>: a fixed number of points for a day, a month and a year. A crash may lose the last minute, and a damaged file is replaced by an empty one.
/// </summary>
public sealed class HistoryStore : IDisposable
{
    private readonly RebuildableStore<HistoryTable> _table;

    private HistoryStore(RebuildableStore<HistoryTable> table) => _table = table;

    public static HistoryStore Open(string path, StoreProblems? problems = null) =>
        new(new RebuildableStore<HistoryTable>(DatabaseKind.History, path, HistoryTable.Open, problems ?? StoreProblems.Discarding, TimeProvider.System));

    /// <summary>Adds values to the current point of every period.</summary>
    public void Add(DateTimeOffset now, HistoryValues values) => _table.Do(table => table.Add(now, values));

    /// <summary>The points of a period that ends now, oldest first, without those in which nothing was recorded.</summary>
    public IReadOnlyList<HistoryPoint> Read(HistorySpan span, DateTimeOffset now) => _table.Do(table => table.Read(span, now));

    public void Dispose() => _table.Dispose();
}
