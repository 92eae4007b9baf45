using MailServer.Domain.Delivery;
using MailServer.Domain.Reports;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Protocol.TransportSecurity;

/// <summary>How much TLS there must be before a host gets anything.</summary>
public enum TlsDemand
{
    /// <summary>As much as works (RFC 7435).</summary>
    WhenOffered,

    /// <summary>Encrypted, with whoever answers.</summary>
    Encrypted,

    /// <summary>The host proves who it is.</summary>
    Verified,
}

/// <summary>What is known of a destination before its hosts are met.</summary>
public sealed record DomainFacts
{
    /// <summary>The recipients' domain.</summary>
    public required string Domain { get; init; }

    public required TlsWish Wish { get; init; }

    /// <summary>DNSSEC vouches for which hosts there are.</summary>
    public required bool ExchangesAreSecure { get; init; }

    /// <summary>The domain's MTA-STS policy, if it has one.</summary>
    public required MtaStsPolicy? Sts { get; init; }

    /// <summary><c>delivery.require_tls</c>.</summary>
    public required bool MustEncrypt { get; init; }
}

/// <summary>Under which terms one host is met. DANE comes before MTA-STS (RFC 8461 §2): a host that has TLSA records is held to them alone.</summary>
public sealed record HostPolicy
{
    public required TlsPolicyType Type { get; init; }

    public required TlsDemand Demand { get; init; }

    /// <summary>Names of which the certificate must have one; the first is asked for.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>The TLSA records that the certificate must match one of; empty: an authority must vouch for it.</summary>
    public IReadOnlyList<TlsaRecord> Tlsa { get; init; } = [];

    /// <summary>The policy as reports quote it.</summary>
    public IReadOnlyList<string> PolicyStrings { get; init; } = [];

    public IReadOnlyList<string> MxPatterns { get; init; } = [];

    /// <summary>Something is wrong that is to be reported even when all else goes well: a result type of RFC 8460 §4.3.</summary>
    public string? Fault { get; init; }

    /// <summary>The host is not to be met at all, and what is said instead.</summary>
    public SmtpReply? Refusal { get; init; }

    /// <summary>RFC 8689: the mail goes only to a host that offers REQUIRETLS.</summary>
    public bool RequireTls { get; init; }

    /// <summary>What mail for a relay host goes under: no domain has a say in it.</summary>
    public static HostPolicy ForRelay(string host, TlsDemand demand, TlsWish wish) => new()
    {
        Type = TlsPolicyType.None,
        Demand = wish == TlsWish.Verified ? TlsDemand.Verified : demand,
        Names = [host],
        RequireTls = wish == TlsWish.Verified,
    };

    public static HostPolicy Decide(DomainFacts facts, string host, DaneAnswer dane)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var policy = facts.Wish == TlsWish.Optional ? Plain(facts, host) : dane switch
        {
            DaneAnswer.Failed failed => NotNow(facts, host, failed),
            DaneAnswer.Found found => UnderDane(facts, host, found),
            _ => facts.Sts switch
            {
                { Mode: MtaStsMode.Enforce } sts => Enforced(facts, host, sts),
                { Mode: MtaStsMode.Testing } sts => Tested(facts, host, sts),
                _ => Plain(facts, host),
            },
        };
        return facts.Wish == TlsWish.Verified ? WithRequireTls(policy, facts, host) : policy;
    }

    private static HostPolicy Plain(DomainFacts facts, string host) => new()
    {
        Type = TlsPolicyType.None,
        Demand = facts.MustEncrypt ? TlsDemand.Encrypted : TlsDemand.WhenOffered,
        Names = [host],
    };

    private static HostPolicy NotNow(DomainFacts facts, string host, DaneAnswer.Failed failed) => Plain(facts, host) with
    {
        Type = TlsPolicyType.Tlsa,
        Fault = "dnssec-invalid",
        Refusal = new SmtpReply(451, "4.7.5", $"DANE: {failed.Reason}"),
    };

    private static HostPolicy UnderDane(DomainFacts facts, string host, DaneAnswer.Found dane)
    {
        var usable = TlsaRecord.Strongest(dane.Records);
        return new HostPolicy
        {
            Type = TlsPolicyType.Tlsa,
            // RFC 7672 §2.2: records of which none can be used still say that the host does TLS.
            Demand = usable.Count > 0 ? TlsDemand.Verified : TlsDemand.Encrypted,
            // RFC 7672 §3.2.2: the domain's own name will do where its records name an authority.
            Names = usable.Count > 0 ? [.. new[] { dane.Name, host, facts.Domain }.Distinct(StringComparer.OrdinalIgnoreCase)] : [host],
            Tlsa = usable,
            PolicyStrings = [.. dane.Records.Select(static r => r.ToString())],
            MxPatterns = [host],
            Fault = usable.Count > 0 ? null : "tlsa-invalid",
        };
    }

    private static HostPolicy Enforced(DomainFacts facts, string host, MtaStsPolicy sts) => UnderSts(facts, host, sts) with
    {
        Demand = TlsDemand.Verified,
        Refusal = sts.Allows(host) ? null : new SmtpReply(451, "4.7.5", $"The MTA-STS policy of {facts.Domain} does not name {host}"),
    };

    private static HostPolicy Tested(DomainFacts facts, string host, MtaStsPolicy sts) => UnderSts(facts, host, sts);

    private static HostPolicy UnderSts(DomainFacts facts, string host, MtaStsPolicy sts) => Plain(facts, host) with
    {
        Type = TlsPolicyType.Sts,
        PolicyStrings = sts.Lines,
        MxPatterns = sts.MxPatterns,
        Fault = sts.Allows(host) ? null : "validation-failure",
    };

    // RFC 8689 §4.2.1: which host it is must be certain too, by DNSSEC or by MTA-STS.
    private static HostPolicy WithRequireTls(HostPolicy policy, DomainFacts facts, string host)
    {
        var isCertain = facts.ExchangesAreSecure || (facts.Sts is { Mode: not MtaStsMode.None } sts && sts.Allows(host));
        return policy with
        {
            RequireTls = true,
            Demand = TlsDemand.Verified,
            Refusal = policy.Refusal ?? (isCertain ? null : RequireTlsReply($"nothing proves that {host} is a mail exchanger of {facts.Domain}")),
        };
    }

    /// <summary>What becomes of a message with REQUIRETLS that a host may not have (RFC 8689 §5).</summary>
    public static SmtpReply RequireTlsReply(string reason) => new(550, "5.7.30", $"REQUIRETLS: {reason}");
}
