using MailServer.Domain.Dns;

namespace MailServer.Protocol.MessageAuthentication.Spf;

/// <summary>
/// check_host() of RFC 7208: may this address send mail as that domain? Safe to use from several threads. A failure of DNS is a TempError,
/// except where the RFC lets it pass for "no match" (ptr) or "no explanation".
/// </summary>
public sealed class SpfEvaluator(IDnsLookup dns, TimeProvider time)
{
    private const int MaxLabel = 63;
    private const int MaxDomain = 253;

    public async Task<SpfOutcome> EvaluateAsync(SpfQuery query, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(query);
        var check = new SpfCheck(dns, time, query);
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
