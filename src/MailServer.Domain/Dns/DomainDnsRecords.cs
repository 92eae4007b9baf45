using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MailServer.Domain.Dns;

/// <summary>The properties of the server that appear in the DNS zones of its domains.</summary>
public sealed record ZoneParameters
{
    public required string Domain { get; init; }

    public required string Hostname { get; init; }

    /// <summary>Public addresses of the host, as far as known.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>DKIM records: name and text.</summary>
    public IReadOnlyList<(string Name, string Text)> DkimKeys { get; init; } = [];

    /// <summary>SHA-256 of the public keys of the host's certificates, in hexadecimal.</summary>
    public IReadOnlyList<string> CertificateKeyHashes { get; init; } = [];

    /// <summary>Host of the smarthost; it sends in the name of the domain. Null if none is used.</summary>
    public string? RelayHost { get; init; }

    /// <summary>Domain name of the certificate authority for the CAA record; empty for no CAA record.</summary>
    public string CertificateAuthority { get; init; } = "";

    /// <summary>The id of the MTA-STS policy, which changes with the policy; empty if there is no policy.</summary>
    public string MtaStsId { get; init; } = "";

    /// <summary>Whether the MTA-STS policy is enforced; false in testing mode.</summary>
    public bool IsMtaStsEnforced { get; init; }

    /// <summary>Port number; 0 if the service is not offered.</summary>
    public int ImapsPort { get; init; }

    public int ImapPort { get; init; }

    public int ManagesievePort { get; init; }

    public int SubmissionsPort { get; init; }

    public int SubmissionPort { get; init; }

    public int HttpsPort { get; init; }
}

/// <summary>Generates the DNS records that a domain needs for mail delivery, sender authentication and client configuration.</summary>
public static class DomainDnsRecords
{
    private const int UsualHttps = 443;

    public static IReadOnlyList<ZoneRecord> Records(ZoneParameters facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return [.. Host(facts), .. Mail(facts), .. Trust(facts), .. Transport(facts), .. Services(facts)];
    }

    /// <summary>True if a record belongs to the zone of a domain, false if it belongs to another one, such as that of the server's host name.</summary>
    public static bool IsInZone(ZoneRecord record, string domain)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record.Name.Equals(domain, StringComparison.OrdinalIgnoreCase) || record.Name.EndsWith('.' + domain, StringComparison.OrdinalIgnoreCase);
    }

    private static IEnumerable<ZoneRecord> Host(ZoneParameters facts) => facts.Addresses.Select(address => new ZoneRecord(
        facts.Hostname, address.AddressFamily == AddressFamily.InterNetworkV6 ? "AAAA" : "A", address.ToString(), RequirementLevel.Required, "address of the server"));

    private static IEnumerable<ZoneRecord> Mail(ZoneParameters facts) =>
        [new(facts.Domain, "MX", $"10 {facts.Hostname}.", RequirementLevel.Required, "mail server of the domain")];

    private static IEnumerable<ZoneRecord> Trust(ZoneParameters facts)
    {
        var relay = facts.RelayHost is not { } host ? "" : !IPAddress.TryParse(host, out var address) ? $" include:{host}" : address.AddressFamily == AddressFamily.InterNetworkV6 ? $" ip6:{address}" : $" ip4:{address}";
        yield return new(facts.Domain, "TXT", $"v=spf1 mx{relay} -all", RequirementLevel.Required, "SPF: servers that may send for the domain");
        if (facts.Hostname != facts.Domain) yield return new(facts.Hostname, "TXT", "v=spf1 a -all", RequirementLevel.Recommended, "SPF of the host, for bounces (null sender)");
        foreach (var (name, text) in facts.DkimKeys) yield return new(name, "TXT", text, RequirementLevel.Required, "DKIM: public key of the signatures");
        yield return new($"_dmarc.{facts.Domain}", "TXT", $"v=DMARC1; p=quarantine; rua=mailto:postmaster@{facts.Domain}", RequirementLevel.Required, "DMARC: policy for mail that fails authentication");
    }

    private static IEnumerable<ZoneRecord> Transport(ZoneParameters facts)
    {
        if (facts.MtaStsId.Length > 0)
        {
            // RFC 8461 §3.1.
            yield return new($"_mta-sts.{facts.Domain}", "TXT", $"v=STSv1; id={facts.MtaStsId}", RequirementLevel.Recommended, facts.IsMtaStsEnforced
                ? "MTA-STS: senders must use TLS and check the certificate"
                : "MTA-STS: TLS policy in testing mode: failures are reported, and mail is still accepted without TLS");
            yield return Alias("mta-sts", facts, RequirementLevel.Recommended, "MTA-STS: host of the policy");
        }

        // RFC 8460 §3.
        yield return new($"_smtp._tls.{facts.Domain}", "TXT", $"v=TLSRPTv1; rua=mailto:postmaster@{facts.Domain}", RequirementLevel.Recommended, "TLS-RPT: address for TLS reports");
        // RFC 7672 §3.1.1.
        foreach (var hash in facts.CertificateKeyHashes)
            yield return new($"_25._tcp.{facts.Hostname}", "TLSA", $"3 1 1 {hash}", RequirementLevel.Optional, "DANE: only if the zone is signed with DNSSEC");
        // RFC 8659 §4.
        if (facts.CertificateAuthority.Length > 0)
            yield return new(facts.Domain, "CAA", $"0 issue \"{facts.CertificateAuthority}\"", RequirementLevel.Optional, "CAA: authority that may issue certificates");
    }

    private static IEnumerable<ZoneRecord> Services(ZoneParameters facts)
    {
        // RFC 6186 §3.1, RFC 8314 §5.1, RFC 6764 §3, RFC 5804 §1.8.
        if (facts.ImapsPort != 0) yield return Service("_imaps", facts.ImapsPort, facts, "IMAP (implicit TLS), for client autoconfiguration");
        if (facts.ImapPort != 0) yield return Service("_imap", facts.ImapPort, facts, "IMAP with STARTTLS", RequirementLevel.Optional);
        if (facts.SubmissionsPort != 0) yield return Service("_submissions", facts.SubmissionsPort, facts, "submission (implicit TLS), for client autoconfiguration");
        if (facts.SubmissionPort != 0) yield return Service("_submission", facts.SubmissionPort, facts, "submission with STARTTLS", RequirementLevel.Optional);
        if (facts.ManagesievePort != 0) yield return Service("_sieve", facts.ManagesievePort, facts, "ManageSieve, for clients that edit mail rules", RequirementLevel.Optional);
        if (facts.HttpsPort == 0) yield break;
        yield return Service("_caldavs", facts.HttpsPort, facts, "CalDAV, for client autoconfiguration");
        yield return Service("_carddavs", facts.HttpsPort, facts, "CardDAV, for client autoconfiguration");
        if (facts.HttpsPort != UsualHttps) yield break;
        yield return Alias("autoconfig", facts, RequirementLevel.Recommended, "autoconfiguration of Thunderbird");
        yield return Alias("autodiscover", facts, RequirementLevel.Recommended, "autoconfiguration of Outlook");
        yield return Service("_autodiscover", facts.HttpsPort, facts, "autoconfiguration of Outlook, by SRV record", RequirementLevel.Optional);
    }

    private static ZoneRecord Service(string service, int port, ZoneParameters facts, string purpose, RequirementLevel need = RequirementLevel.Recommended) =>
        new($"{service}._tcp.{facts.Domain}", "SRV", string.Create(CultureInfo.InvariantCulture, $"0 1 {port} {facts.Hostname}."), need, purpose);

    private static ZoneRecord Alias(string label, ZoneParameters facts, RequirementLevel need, string purpose) =>
        new($"{label}.{facts.Domain}", "CNAME", $"{facts.Hostname}.", need, purpose);
}
