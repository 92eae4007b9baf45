namespace MailServer.Domain.TransportSecurity;

/// <summary>
/// Policies that were fetched, kept across restarts: what protects against who can suppress DNS answers is that an earlier policy is remembered
/// (RFC 8461 §10.2). Bounded: of too many, the one fetched the longest ago goes first.
/// </summary>
public interface IMtaStsCache
{
    CachedMtaSts? Find(string domain);

    void Put(CachedMtaSts entry);

    /// <summary>Those last fetched before a time, the oldest first.</summary>
    IReadOnlyList<CachedMtaSts> FetchedBefore(DateTimeOffset time, int most);
}

/// <summary>A kept policy.</summary>
/// <param name="Domain">Whose.</param>
/// <param name="Id">The id under which it was fetched.</param>
/// <param name="Policy">The policy.</param>
/// <param name="FetchedAt">It holds for its max_age from then (RFC 8461 §3.2).</param>
public sealed record CachedMtaSts(string Domain, string Id, MtaStsPolicy Policy, DateTimeOffset FetchedAt)
{
    public DateTimeOffset Expires => FetchedAt + Policy.MaxAge;
}
