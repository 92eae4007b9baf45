using System.Collections.Concurrent;
using MailServer.Domain;
using MailServer.Domain.Dns;
using MailServer.Domain.Formatting;
using MailServer.Domain.Timing;
using MailServer.Domain.TransportSecurity;
using Microsoft.Extensions.Logging;

namespace MailServer.Network.MtaSts;

/// <summary>
/// Discovers MTA-STS policies (RFC 8461 §3, §5.1). The TXT record is queried each time (DNS answers are cached for their TTL); the policy is fetched when
/// the record's id differs from the cached one. A cached policy stays valid until it expires, whatever happens to record and host, and is refreshed once a
/// day.
/// </summary>
public sealed partial class MtaStsPolicies : IMtaStsResolver, IDisposable
{
    private static readonly TimeSpan RefreshAge = TimeSpan.FromDays(1);
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(4);
    private static readonly TimeSpan InUse = TimeSpan.FromDays(30);
    private const int RefreshedAtOnce = 500;

    private readonly IDnsLookup _dns;
    private readonly PolicyFetcher _fetcher;
    private readonly IMtaStsCache _cache;
    private readonly Limits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<string, FailedFetch> _failed = new(StringComparer.Ordinal);
    private readonly PeriodicWork _refreshing;

    public MtaStsPolicies(IDnsLookup dns, PolicyFetcher fetcher, IMtaStsCache cache, Limits limits, TimeProvider time, ILogger<MtaStsPolicies> log)
    {
        ArgumentNullException.ThrowIfNull(time);
        (_dns, _fetcher, _cache, _limits, _time, _log) = (dns, fetcher, cache, limits, time, log);
        _refreshing = new PeriodicWork(RefreshInterval, new ExponentialBackoff(RefreshInterval, LongestPause), RefreshAsync, (e, _) => LogNotRefreshed(_log, e.Message), time);
    }

    public async Task<MtaStsResult> FindAsync(string domain, CancellationToken cancel)
    {
        var now = _time.GetUtcNow();
        var steps = new List<string>();
        var kept = _cache.Find(domain);
        if (kept is not null && StoredTime.IsDue(kept.Expires, now, kept.Policy.MaxAge)) kept = null;
        if (kept is not null && StoredTime.IsOlder(kept.LastUsedAt, now, RefreshAge)) Keep(kept with { LastUsedAt = now });
        if (kept is not null) steps.Add($"cached since {UtcText.Of(kept.FetchedAt)}, until {UtcText.Of(kept.Expires)}: id {kept.Id}, mode {Name(kept.Policy)}");
        var id = await IdAsync(domain, steps, cancel);
        if (id is null || id == kept?.Id) return new MtaStsResult(kept?.Policy) { Steps = steps };

        if (_failed.TryGetValue(domain, out var failed) && failed.Id == id && !StoredTime.IsDue(failed.Until, now, _limits.MtaStsRetryDelay))
        {
            steps.Add($"not retried before {UtcText.Of(failed.Until)}: {failed.Fetch.Detail}");
            return new MtaStsResult(kept?.Policy) { Failure = failed.Fetch.Failure, Steps = steps };
        }

        var fetch = await FetchAsync(domain, id, now, cancel);
        steps.Add(fetch.Detail);
        if (fetch.Policy is { } policy) steps.AddRange(policy.Lines.Select(static l => "  " + l));
        return new MtaStsResult(fetch.Policy ?? kept?.Policy) { Failure = fetch.Failure, Steps = steps };
    }

    /// <summary>
    /// Refreshes policies that are older than a day, for domains that mail was sent to recently, so that a policy does not expire between two messages at a
    /// time chosen by an attacker (RFC 8461 §10.2).
    /// </summary>
    public async Task RefreshAsync(CancellationToken cancel)
    {
        var now = _time.GetUtcNow();
        foreach (var entry in _cache.FindStale(now - RefreshAge, now - InUse, RefreshedAtOnce))
            if (!StoredTime.IsDue(entry.Expires, now, entry.Policy.MaxAge) && await IdAsync(entry.Domain, [], cancel) is { } id)
                await FetchAsync(entry.Domain, id, entry.LastUsedAt, cancel);
    }

    public void Dispose()
    {
        _refreshing.Dispose();
        _fetcher.Dispose();
    }

    private async Task<string?> IdAsync(string domain, List<string> steps, CancellationToken cancel)
    {
        var name = MtaStsRecord.NameFor(domain);
        switch (await _dns.LookupTxtAsync(name, cancel))
        {
            case DnsAnswer<string>.RecordsFound found:
                var id = MtaStsRecord.IdOf(found.Values, out var fault);
                steps.Add(id is null ? $"{name}: {fault ?? "no MTA-STS record among the TXT records"}" : $"{name}: id {id}");
                return id;
            case DnsAnswer<string>.TemporaryFailure failure:
                steps.Add($"DNS: {failure.Reason}");
                return null;
            default:
                steps.Add($"{name}: no record");
                return null;
        }
    }

    private async Task<PolicyFetchResult> FetchAsync(string domain, string id, DateTimeOffset asked, CancellationToken cancel)
    {
        var fetch = await _fetcher.FetchAsync(domain, cancel);
        if (fetch.Policy is { } policy)
        {
            _failed.TryRemove(domain, out _);
            Keep(new CachedMtaStsPolicy(domain, id, policy, _time.GetUtcNow(), asked));
            return fetch;
        }

        // RFC 8461 §3.3: do not retry a failed fetch for at least five minutes.
        if (_failed.Count >= _limits.MtaStsPolicies) _failed.Clear();
        _failed[domain] = new FailedFetch(id, fetch, _time.GetUtcNow() + _limits.MtaStsRetryDelay);
        LogFailed(_log, domain, fetch.Detail);
        return fetch;
    }

    // A policy that cannot be stored is still used for this message: a full disk must not delay mail.
    private void Keep(CachedMtaStsPolicy entry)
    {
        try
        {
            _cache.Put(entry);
        }
        catch (IOException e)
        {
            LogNotKept(_log, entry.Domain, e.Message);
        }
    }

    private static string Name(MtaStsPolicy policy) => policy.Mode.ToString().ToLowerInvariant();

    private sealed record FailedFetch(string Id, PolicyFetchResult Fetch, DateTimeOffset Until);

    [LoggerMessage(Level = LogLevel.Information, Message = "MTA-STS policy of {Domain} could not be fetched: {Detail}")]
    private static partial void LogFailed(ILogger logger, string domain, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "MTA-STS policy of {Domain} could not be stored: {Reason}")]
    private static partial void LogNotKept(ILogger logger, string domain, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "MTA-STS policies could not be refreshed: {Reason}")]
    private static partial void LogNotRefreshed(ILogger logger, string reason);
}
