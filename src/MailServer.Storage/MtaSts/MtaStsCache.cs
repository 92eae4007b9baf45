using MailServer.Domain.TransportSecurity;
using MailServer.Storage.Health;

namespace MailServer.Storage.MtaSts;

/// <summary>
/// Fetched MTA-STS policies in a small database of their own. Losing it costs a fetch for each domain, and nothing else that cannot be had again:
/// a damaged file is replaced by an empty one. May be used by several threads, and by a command beside the server.
/// </summary>
public sealed class MtaStsCache : IMtaStsCache, IDisposable
{
    private readonly RebuildableStore<MtaStsTable> _table;

    private MtaStsCache(RebuildableStore<MtaStsTable> table) => _table = table;

    /// <param name="path">The file; made when it is missing.</param>
    /// <param name="most">Policies that are kept.</param>
    /// <param name="problems">Where damage is reported.</param>
    public static MtaStsCache Open(string path, int most, StoreProblems? problems = null) =>
        new(new RebuildableStore<MtaStsTable>(StoreFile.MtaSts, path, file => MtaStsTable.Open(file, most), problems ?? StoreProblems.Unheard, TimeProvider.System));

    public CachedMtaSts? Find(string domain) => _table.Do(table => table.Find(domain));

    public void Put(CachedMtaSts entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        _table.Do(table => table.Put(entry));
    }

    public IReadOnlyList<CachedMtaSts> Aged(DateTimeOffset fetchedBefore, DateTimeOffset askedAfter, int most) =>
        _table.Do(table => table.Aged(fetchedBefore, askedAfter, most));

    public void Dispose() => _table.Dispose();
}
