using MailServer.Domain.Dns;

namespace MailServer.Protocol.MessageAuthentication.Spf;

/// <summary>
/// check_host() of RFC 7208: whether an IP address may send mail for a domain. A DNS failure gives TempError, except where the RFC defines "no match"
/// (ptr) or "no explanation" instead. Thread-safe.
/// </summary>
public sealed class SpfEvaluator(IDnsLookup dns, TimeProvider time)
{
    private const int MaxLabel = 63;
    private const int MaxDomain = 253;

    public async Task<SpfOutcome> EvaluateAsync(SpfQuery query, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(query);
        var check = new SpfEvaluation(dns, time, query);
        if (!IsDomain(query.Domain)) return check.Outcome(SpfResult.None, "not a domain name with at least two labels");
        var verdict = await check.CheckHostAsync(query.Domain, depth: 0, cancel);
        return check.Outcome(verdict.Result, verdict.Reason, verdict.Explanation);
    }

    // §4.3
    private static bool IsDomain(string domain)
    {
        var labels = domain.TrimEnd('.').Split('.');
        return labels.Length > 1 && domain.Length <= MaxDomain && domain[0] != '[' && Array.TrueForAll(labels, l => l.Length is > 0 and <= MaxLabel);
    }
}
