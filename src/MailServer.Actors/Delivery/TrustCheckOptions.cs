namespace MailServer.Actors.Delivery;

/// <summary>Which checks incoming mail goes through (<c>security.verify_*</c>).</summary>
public sealed record TrustCheckOptions(bool Spf, bool Dkim, bool Dmarc)
{
    public bool Any => Spf || Dkim || Dmarc;

    /// <summary>Forwarders whose ARC results override a DMARC failure (<c>security.trusted_arc_sealers</c>).</summary>
    public IReadOnlyList<string> TrustedSealers { get; init; } = [];

    /// <summary>Whether a message is deferred (451) when a DNS failure hides whether the author's domain wants it rejected (<c>security.dns_failure</c>).</summary>
    public bool DeferOnDnsFailure { get; init; } = true;
}
