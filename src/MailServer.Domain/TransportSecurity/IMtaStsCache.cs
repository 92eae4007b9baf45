namespace MailServer.Domain.TransportSecurity;

/// <summary>
/// A persistent cache of MTA-STS policies. Keeping policies across restarts protects against attackers who suppress
/// DNS answers (RFC 8461 §10.2). The size is bounded; the policies that were fetched longest ago are removed first.
/// </summary>
public interface IMtaStsCache
{
    CachedMtaStsPolicy? Find(string domain);

    /// <summary>Stores a policy, replacing the previous one of the domain, and removes expired policies.</summary>
    void Put(CachedMtaStsPolicy entry);

    /// <summary>Returns the policies that were fetched before one time and used after another, oldest first.</summary>
    IReadOnlyList<CachedMtaStsPolicy> FindStale(DateTimeOffset fetchedBefore, DateTimeOffset askedAfter, int most);
}

/// <summary>A cached MTA-STS policy.</summary>
/// <param name="Domain">The domain of the policy.</param>
/// <param name="Id">The policy id at the time of the fetch.</param>
/// <param name="Policy">The policy.</param>
/// <param name="FetchedAt">Time of the fetch; the policy is valid for its max_age from then on (RFC 8461 §3.2).</param>
/// <param name="LastUsedAt">Last time that mail was sent to the domain, precise to about a day.</param>
public sealed record CachedMtaStsPolicy(string Domain, string Id, MtaStsPolicy Policy, DateTimeOffset FetchedAt, DateTimeOffset LastUsedAt)
{
    public DateTimeOffset Expires => FetchedAt + Policy.MaxAge;
}
