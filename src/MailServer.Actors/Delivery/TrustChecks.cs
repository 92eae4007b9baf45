namespace MailServer.Actors.Delivery;

/// <summary>Which checks incoming mail goes through (<c>security.verify_*</c>).</summary>
public sealed record TrustChecks(bool Spf, bool Dkim, bool Dmarc)
{
    public bool Any => Spf || Dkim || Dmarc;

    /// <summary>Domains whose ARC seals vouch for mail that DMARC would refuse (<c>security.trusted_arc_sealers</c>).</summary>
    public IReadOnlyList<string> TrustedSealers { get; init; } = [];

    /// <summary>
    /// A message of which DNS did not let be told whether its author's domain wants it refused is answered 451, not taken (<c>security.dns_failure</c>).
    /// </summary>
    public bool DeferOnDnsFailure { get; init; } = true;
}
