using MailServer.Domain.TransportSecurity;
using MailServer.Storage.Health;

namespace MailServer.Storage.MtaSts;

/// <summary>
/// The cache of MTA-STS policies (<c>mta-sts.db</c>). If it is lost, policies are fetched again, so a damaged
/// file is replaced by an empty one. Safe for use from several threads, and while a command uses the file.
/// </summary>
public sealed class MtaStsCache : IMtaStsCache, IDisposable
{
    private readonly RebuildableStore<MtaStsTable> _table;

    private MtaStsCache(RebuildableStore<MtaStsTable> table) => _table = table;

    /// <param name="path">The database file; created if it is missing.</param>
    /// <param name="most">Maximum number of policies.</param>
    /// <param name="problems">Receives reports of damage.</param>
    public static MtaStsCache Open(string path, int most, StoreProblems? problems = null) =>
        new(new RebuildableStore<MtaStsTable>(DatabaseKind.MtaSts, path, file => MtaStsTable.Open(file, most), problems ?? StoreProblems.Discarding, TimeProvider.System));

    public CachedMtaStsPolicy? Find(string domain) => _table.Do(table => table.Find(domain));

    public void Put(CachedMtaStsPolicy entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        _table.Do(table => table.Put(entry));
    }

    public IReadOnlyList<CachedMtaStsPolicy> FindStale(DateTimeOffset fetchedBefore, DateTimeOffset askedAfter, int most) =>
        _table.Do(table => table.FindStale(fetchedBefore, askedAfter, most));

    public void Dispose() => _table.Dispose();
}
