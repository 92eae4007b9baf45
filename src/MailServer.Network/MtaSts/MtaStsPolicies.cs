using System.Collections.Concurrent;
using MailServer.Domain;
using MailServer.Domain.Dns;
using MailServer.Domain.Formatting;
using MailServer.Domain.Timing;
using MailServer.Domain.TransportSecurity;
using Microsoft.Extensions.Logging;

namespace MailServer.Network.MtaSts;

/// <summary>
/// Discovers policies (RFC 8461 §3, §5.1). The TXT record is asked each time (DNS answers are kept as long as their TTL); a policy is fetched when the record
/// names another one than is kept. What is kept holds until it expires whatever became of record and host since, and is fetched anew once a day.
/// </summary>
public sealed partial class MtaStsPolicies : IMtaStsPolicies, IDisposable
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
        _refreshing = new PeriodicWork(RefreshInterval, new BackOff(RefreshInterval, LongestPause), RefreshAsync, (e, _) => LogNotRefreshed(_log, e.Message), time);
    }

    public async Task<MtaStsAnswer> FindAsync(string domain, CancellationToken cancel)
    {
        var now = _time.GetUtcNow();
        var steps = new List<string>();
        var kept = _cache.Find(domain);
        if (kept is not null && StoredTime.IsDue(kept.Expires, now, kept.Policy.MaxAge)) kept = null;
        if (kept is not null && StoredTime.IsOlder(kept.AskedAt, now, RefreshAge)) Keep(kept with { AskedAt = now });
        if (kept is not null) steps.Add($"kept since {UtcText.Of(kept.FetchedAt)}, until {UtcText.Of(kept.Expires)}: id {kept.Id}, mode {Name(kept.Policy)}");
        var id = await IdAsync(domain, steps, cancel);
        if (id is null || id == kept?.Id) return new MtaStsAnswer(kept?.Policy) { Steps = steps };

        if (_failed.TryGetValue(domain, out var failed) && failed.Id == id && !StoredTime.IsDue(failed.Until, now, _limits.MtaStsRetry))
        {
            steps.Add($"not fetched again before {UtcText.Of(failed.Until)}: {failed.Fetch.Detail}");
            return new MtaStsAnswer(kept?.Policy) { Failure = failed.Fetch.Failure, Steps = steps };
        }

        var fetch = await FetchAsync(domain, id, now, cancel);
        steps.Add(fetch.Detail);
        if (fetch.Policy is { } policy) steps.AddRange(policy.Lines.Select(static l => "  " + l));
        return new MtaStsAnswer(fetch.Policy ?? kept?.Policy) { Failure = fetch.Failure, Steps = steps };
    }

    /// <summary>
    /// Fetches anew what is older than a day, of domains that mail goes to: so a policy does not expire between two messages, at a time of an attacker's
    /// choice (RFC 8461 §10.2).
    /// </summary>
    public async Task RefreshAsync(CancellationToken cancel)
    {
        var now = _time.GetUtcNow();
        foreach (var entry in _cache.Aged(now - RefreshAge, now - InUse, RefreshedAtOnce))
            if (!StoredTime.IsDue(entry.Expires, now, entry.Policy.MaxAge) && await IdAsync(entry.Domain, [], cancel) is { } id)
                await FetchAsync(entry.Domain, id, entry.AskedAt, cancel);
    }

    public void Dispose()
    {
        _refreshing.Dispose();
        _fetcher.Dispose();
    }

    private async Task<string?> IdAsync(string domain, List<string> steps, CancellationToken cancel)
    {
        var name = MtaStsRecord.NameFor(domain);
        switch (await _dns.TextsAsync(name, cancel))
        {
            case DnsAnswer<string>.Found found:
                var id = MtaStsRecord.IdOf(found.Values, out var fault);
                steps.Add(id is null ? $"{name}: {fault ?? "no MTA-STS record among its texts"}" : $"{name}: id {id}");
                return id;
            case DnsAnswer<string>.TemporaryFailure failure:
                steps.Add($"DNS: {failure.Reason}");
                return null;
            default:
                steps.Add($"{name}: no record");
                return null;
        }
    }

    private async Task<PolicyFetch> FetchAsync(string domain, string id, DateTimeOffset asked, CancellationToken cancel)
    {
        var fetch = await _fetcher.FetchAsync(domain, cancel);
        if (fetch.Policy is { } policy)
        {
            _failed.TryRemove(domain, out _);
            Keep(new CachedMtaSts(domain, id, policy, _time.GetUtcNow(), asked));
            return fetch;
        }

        // RFC 8461 §3.3: a host that fails is left alone for five minutes or longer.
        if (_failed.Count >= _limits.MtaStsPolicies) _failed.Clear();
        _failed[domain] = new FailedFetch(id, fetch, _time.GetUtcNow() + _limits.MtaStsRetry);
        LogFailed(_log, domain, fetch.Detail);
        return fetch;
    }

    // A policy that cannot be kept holds for the mail it was fetched for: a full disk is no reason to hold that up.
    private void Keep(CachedMtaSts entry)
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

    private sealed record FailedFetch(string Id, PolicyFetch Fetch, DateTimeOffset Until);

    [LoggerMessage(Level = LogLevel.Information, Message = "The MTA-STS policy of {Domain} was not had: {Detail}")]
    private static partial void LogFailed(ILogger logger, string domain, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The MTA-STS policy of {Domain} could not be kept: {Reason}")]
    private static partial void LogNotKept(ILogger logger, string domain, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "MTA-STS policies were not refreshed: {Reason}")]
    private static partial void LogNotRefreshed(ILogger logger, string reason);
}
