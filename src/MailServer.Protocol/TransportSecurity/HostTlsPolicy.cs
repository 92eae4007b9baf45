using MailServer.Domain.Delivery;
using MailServer.Domain.Reports;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Protocol.TransportSecurity;

/// <summary>The TLS security level required for a host.</summary>
public enum TlsSecurityLevel
{
    /// <summary>Opportunistic TLS (RFC 7435).</summary>
    WhenOffered,

    /// <summary>Encrypted, without authentication of the host.</summary>
    Encrypted,

    /// <summary>Encrypted, with an authenticated host.</summary>
    Verified,
}

/// <summary>The properties of a destination that determine the TLS policy of its hosts.</summary>
public sealed record DestinationTlsContext
{
    /// <summary>The recipients' domain.</summary>
    public required string Domain { get; init; }

    public required MessageTlsRequirement Requirement { get; init; }

    /// <summary>Whether DNSSEC secures the list of the domain's mail exchangers.</summary>
    public required bool ExchangesAreSecure { get; init; }

    /// <summary>The domain's MTA-STS policy; null without one.</summary>
    public required MtaStsPolicy? StsPolicy { get; init; }

    /// <summary><c>delivery.require_tls</c>.</summary>
    public required bool RequireEncryption { get; init; }
}

/// <summary>The TLS policy for one host. DANE takes precedence over MTA-STS (RFC 8461 §2): a host with TLSA records only has to match those.</summary>
public sealed record HostTlsPolicy
{
    public required TlsPolicyType Type { get; init; }

    public required TlsSecurityLevel Level { get; init; }

    /// <summary>The names of which the certificate must contain one. The first one is used for SNI.</summary>
    public required IReadOnlyList<string> CertificateNames { get; init; }

    /// <summary>The TLSA records of which the certificate must match one; when empty, a trusted CA must have issued it.</summary>
    public IReadOnlyList<TlsaRecord> TlsaRecords { get; init; } = [];

    /// <summary>The policy strings for TLS reports.</summary>
    public IReadOnlyList<string> PolicyStrings { get; init; } = [];

    public IReadOnlyList<string> MxPatterns { get; init; } = [];

    /// <summary>A failure to be reported even if delivery succeeds, as a result type of RFC 8460 §4.3.</summary>
    public string? FailureResultType { get; init; }

    /// <summary>Set when the host must not be contacted: the reply for its recipients.</summary>
    public SmtpReply? Refusal { get; init; }

    /// <summary>RFC 8689: only deliver to a host that offers REQUIRETLS.</summary>
    public bool RequireTls { get; init; }

    /// <summary>The policy for a relay host, which is independent of the recipients' domains.</summary>
    public static HostTlsPolicy ForRelay(string host, TlsSecurityLevel demand, MessageTlsRequirement wish) => new()
    {
        Type = TlsPolicyType.None,
        Level = wish == MessageTlsRequirement.Verified ? TlsSecurityLevel.Verified : demand,
        CertificateNames = [host],
        RequireTls = wish == MessageTlsRequirement.Verified,
    };

    public static HostTlsPolicy Decide(DestinationTlsContext facts, string host, DaneLookupResult dane)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var policy = facts.Requirement == MessageTlsRequirement.Optional ? Plain(facts, host) : dane switch
        {
            DaneLookupResult.LookupFailed failed => Deferred(facts, host, failed),
            DaneLookupResult.RecordsFound found => UnderDane(facts, host, found),
            _ => facts.StsPolicy switch
            {
                { Mode: MtaStsMode.Enforce } sts => UnderEnforcedSts(facts, host, sts),
                { Mode: MtaStsMode.Testing } sts => UnderTestingSts(facts, host, sts),
                _ => Plain(facts, host),
            },
        };
        return facts.Requirement == MessageTlsRequirement.Verified ? WithRequireTls(policy, facts, host) : policy;
    }

    private static HostTlsPolicy Plain(DestinationTlsContext facts, string host) => new()
    {
        Type = TlsPolicyType.None,
        Level = facts.RequireEncryption ? TlsSecurityLevel.Encrypted : TlsSecurityLevel.WhenOffered,
        CertificateNames = [host],
    };

    private static HostTlsPolicy Deferred(DestinationTlsContext facts, string host, DaneLookupResult.LookupFailed failed) => Plain(facts, host) with
    {
        Type = TlsPolicyType.Tlsa,
        FailureResultType = "dnssec-invalid",
        Refusal = new SmtpReply(451, "4.7.5", $"DANE: {failed.Reason}"),
    };

    private static HostTlsPolicy UnderDane(DestinationTlsContext facts, string host, DaneLookupResult.RecordsFound dane)
    {
        var usable = TlsaRecord.Strongest(dane.Records);
        return new HostTlsPolicy
        {
            Type = TlsPolicyType.Tlsa,
            // RFC 7672 §2.2: even if no record is usable, their existence requires TLS.
            Level = usable.Count > 0 ? TlsSecurityLevel.Verified : TlsSecurityLevel.Encrypted,
            // RFC 7672 §3.2.2: with DANE-TA records the domain's own name is acceptable too.
            CertificateNames = usable.Count > 0 ? [.. new[] { dane.Name, host, facts.Domain }.Distinct(StringComparer.OrdinalIgnoreCase)] : [host],
            TlsaRecords = usable,
            PolicyStrings = [.. dane.Records.Select(static r => r.ToString())],
            MxPatterns = [host],
            FailureResultType = usable.Count > 0 ? null : "tlsa-invalid",
        };
    }

    private static HostTlsPolicy UnderEnforcedSts(DestinationTlsContext facts, string host, MtaStsPolicy sts) => UnderSts(facts, host, sts) with
    {
        Level = TlsSecurityLevel.Verified,
        Refusal = sts.Allows(host) ? null : new SmtpReply(451, "4.7.5", $"The MTA-STS policy of {facts.Domain} does not name {host}"),
    };

    private static HostTlsPolicy UnderTestingSts(DestinationTlsContext facts, string host, MtaStsPolicy sts) => UnderSts(facts, host, sts);

    private static HostTlsPolicy UnderSts(DestinationTlsContext facts, string host, MtaStsPolicy sts) => Plain(facts, host) with
    {
        Type = TlsPolicyType.Sts,
        PolicyStrings = sts.Lines,
        MxPatterns = sts.MxPatterns,
        FailureResultType = sts.Allows(host) ? null : "validation-failure",
    };

    // RFC 8689 §4.2.1: the host must be a proven mail exchanger of the domain, by DNSSEC or MTA-STS.
    private static HostTlsPolicy WithRequireTls(HostTlsPolicy policy, DestinationTlsContext facts, string host)
    {
        var isCertain = facts.ExchangesAreSecure || (facts.StsPolicy is { Mode: not MtaStsMode.None } sts && sts.Allows(host));
        return policy with
        {
            RequireTls = true,
            Level = TlsSecurityLevel.Verified,
            Refusal = policy.Refusal ?? (isCertain ? null : RequireTlsReply($"nothing proves that {host} is a mail exchanger of {facts.Domain}")),
        };
    }

    /// <summary>The reply for a message with REQUIRETLS that must not be sent to a host (RFC 8689 §5).</summary>
    public static SmtpReply RequireTlsReply(string reason) => new(550, "5.7.30", $"REQUIRETLS: {reason}");
}
