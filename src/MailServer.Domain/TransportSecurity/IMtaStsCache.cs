namespace MailServer.Domain.TransportSecurity;

/// <summary>
/// Policies that were fetched, kept across restarts: what protects against who can suppress DNS answers is that an earlier policy is remembered
/// (RFC 8461 §10.2). Bounded: of too many, the one fetched the longest ago goes first.
/// </summary>
public interface IMtaStsCache
{
    CachedMtaSts? Find(string domain);

    /// <summary>Keeps a policy in the place of the one before, and forgets those that have expired by then.</summary>
    void Put(CachedMtaSts entry);

    /// <summary>Those that were fetched before one time and asked for after another, the oldest first.</summary>
    IReadOnlyList<CachedMtaSts> Aged(DateTimeOffset fetchedBefore, DateTimeOffset askedAfter, int most);
}

/// <summary>A kept policy.</summary>
/// <param name="Domain">Whose.</param>
/// <param name="Id">The id under which it was fetched.</param>
/// <param name="Policy">The policy.</param>
/// <param name="FetchedAt">It holds for its max_age from then (RFC 8461 §3.2).</param>
/// <param name="AskedAt">When mail last went to the domain, to about a day.</param>
public sealed record CachedMtaSts(string Domain, string Id, MtaStsPolicy Policy, DateTimeOffset FetchedAt, DateTimeOffset AskedAt)
{
    public DateTimeOffset Expires => FetchedAt + Policy.MaxAge;
}
