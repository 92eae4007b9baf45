namespace MailServer.Protocol.MessageAuthentication.Arc;

/// <summary>
/// The forwarders whose reports about the original message are trusted (RFC 8617 §7.2.1), such as mailing lists. Only an unbroken run of trusted
/// sealers at the end of the chain counts, because the last untrusted sealer could have forged everything before it.
/// </summary>
public sealed class TrustedSealers(IReadOnlyList<string> domains)
{
    private readonly HashSet<string> _domains = new(domains, StringComparer.OrdinalIgnoreCase);

    /// <summary>The trusted sealer that reported a pass for <paramref name="author"/>; null when none did or the chain is not valid.</summary>
    public string? FindVouchingSealer(ArcChain chain, ArcOutcome outcome, string author)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(outcome);
        if (_domains.Count == 0 || outcome.Result != ArcResult.Pass) return null;
        var reports = chain.ReportedResults;
        for (var i = reports.Count - 1; i >= 0 && _domains.Contains(outcome.Sealers[i]); i--)
            if (ReportsPass(MethodResult.Parse(reports[i]), author)) return outcome.Sealers[i];
        return null;
    }

    /// <summary>Uses the DMARC result for the author's domain, or without one, SPF or DKIM of an aligned domain.</summary>
    private static bool ReportsPass(IReadOnlyList<MethodResult> results, string author)
    {
        var dmarc = results.Where(r => r.Method == "dmarc" && DomainOf(r.Property("header.from")) == author).ToArray();
        if (dmarc.Length > 0) return Array.TrueForAll(dmarc, r => r.Result == "pass");
        return results.Any(r => r.Result == "pass" && r.Method switch
        {
            "dkim" => IsAligned(DomainOf(r.Property("header.d") ?? r.Property("header.i")), author),
            "spf" => IsAligned(DomainOf(r.Property("smtp.mailfrom")), author),
            _ => false,
        });
    }

    private static string DomainOf(string? identity) => identity is null ? "" : identity[(identity.LastIndexOf('@') + 1)..].TrimEnd('.').ToLowerInvariant();

    private static bool IsAligned(string domain, string author) =>
        domain.Length > 0 && (domain == author || domain.EndsWith("." + author, StringComparison.Ordinal) || author.EndsWith("." + domain, StringComparison.Ordinal));
}
