using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MailServer.Domain.Dns;

/// <summary>What of a server shows in the DNS of its domains.</summary>
public sealed record ZoneFacts
{
    public required string Domain { get; init; }

    public required string Hostname { get; init; }

    /// <summary>The host's public addresses, as far as they are known.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>The DKIM records: name and text.</summary>
    public IReadOnlyList<(string Name, string Text)> DkimKeys { get; init; } = [];

    /// <summary>SHA-256 of the public keys of the host's certificates, in hexadecimal.</summary>
    public IReadOnlyList<string> KeyHashes { get; init; } = [];

    /// <summary>The host that mail for others is handed to; it sends in the domain's name then.</summary>
    public string? RelayHost { get; init; }

    /// <summary>Who may give certificates; empty: not said.</summary>
    public string CertificateAuthority { get; init; } = "";

    /// <summary>Changes with the MTA-STS policy; empty: there is none.</summary>
    public string MtaStsId { get; init; } = "";

    /// <summary>0: not served.</summary>
    public int ImapsPort { get; init; }

    public int ImapPort { get; init; }

    public int SubmissionsPort { get; init; }

    public int SubmissionPort { get; init; }

    public int HttpsPort { get; init; }
}

/// <summary>The records that a domain needs so that mail reaches it, is believed, and clients find it.</summary>
public static class DomainZone
{
    private const int UsualHttps = 443;

    public static IReadOnlyList<PublishedRecord> Records(ZoneFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return [.. Host(facts), .. Mail(facts), .. Trust(facts), .. Transport(facts), .. Services(facts)];
    }

    private static IEnumerable<PublishedRecord> Host(ZoneFacts facts) => facts.Addresses.Select(address => new PublishedRecord(
        facts.Hostname, address.AddressFamily == AddressFamily.InterNetworkV6 ? "AAAA" : "A", address.ToString(), RecordNeed.Required, "where the server is"));

    private static IEnumerable<PublishedRecord> Mail(ZoneFacts facts) =>
        [new(facts.Domain, "MX", $"10 {facts.Hostname}.", RecordNeed.Required, "who takes the domain's mail")];

    private static IEnumerable<PublishedRecord> Trust(ZoneFacts facts)
    {
        var relay = facts.RelayHost is null ? "" : $" include:{facts.RelayHost}";
        yield return new(facts.Domain, "TXT", $"v=spf1 mx{relay} -all", RecordNeed.Required, "SPF: who sends in its name");
        if (facts.Hostname != facts.Domain) yield return new(facts.Hostname, "TXT", "v=spf1 a -all", RecordNeed.Recommended, "SPF of the host, for notices without a sender");
        foreach (var (name, text) in facts.DkimKeys) yield return new(name, "TXT", text, RecordNeed.Required, "DKIM: the key that signs its mail");
        yield return new($"_dmarc.{facts.Domain}", "TXT", $"v=DMARC1; p=quarantine; rua=mailto:postmaster@{facts.Domain}", RecordNeed.Required, "DMARC: what to do with forgeries");
    }

    private static IEnumerable<PublishedRecord> Transport(ZoneFacts facts)
    {
        if (facts.MtaStsId.Length > 0)
        {
            // RFC 8461 §3.1.
            yield return new($"_mta-sts.{facts.Domain}", "TXT", $"v=STSv1; id={facts.MtaStsId}", RecordNeed.Recommended, "MTA-STS: mail comes by TLS only");
            yield return Alias("mta-sts", facts, RecordNeed.Recommended, "where the MTA-STS policy is");
        }

        // RFC 8460 §3.
        yield return new($"_smtp._tls.{facts.Domain}", "TXT", $"v=TLSRPTv1; rua=mailto:postmaster@{facts.Domain}", RecordNeed.Recommended, "reports of failed TLS");
        // RFC 7672 §3.1.1.
        foreach (var hash in facts.KeyHashes)
            yield return new($"_25._tcp.{facts.Hostname}", "TLSA", $"3 1 1 {hash}", RecordNeed.Optional, "DANE; only where the zone is signed (DNSSEC)");
        // RFC 8659 §4.
        if (facts.CertificateAuthority.Length > 0)
            yield return new(facts.Domain, "CAA", $"0 issue \"{facts.CertificateAuthority}\"", RecordNeed.Optional, "who may give certificates");
    }

    private static IEnumerable<PublishedRecord> Services(ZoneFacts facts)
    {
        // RFC 6186 §3.1, RFC 8314 §5.1, RFC 6764 §3.
        if (facts.ImapsPort != 0) yield return Service("_imaps", facts.ImapsPort, facts, "clients find IMAP");
        if (facts.ImapPort != 0) yield return Service("_imap", facts.ImapPort, facts, "IMAP with STARTTLS", RecordNeed.Optional);
        if (facts.SubmissionsPort != 0) yield return Service("_submissions", facts.SubmissionsPort, facts, "clients find submission");
        if (facts.SubmissionPort != 0) yield return Service("_submission", facts.SubmissionPort, facts, "submission with STARTTLS", RecordNeed.Optional);
        if (facts.HttpsPort == 0) yield break;
        yield return Service("_caldavs", facts.HttpsPort, facts, "clients find calendars");
        yield return Service("_carddavs", facts.HttpsPort, facts, "clients find contacts");
        if (facts.HttpsPort != UsualHttps) yield break;
        yield return Alias("autoconfig", facts, RecordNeed.Recommended, "Thunderbird finds all of it");
        yield return Alias("autodiscover", facts, RecordNeed.Recommended, "Outlook finds all of it");
        yield return Service("_autodiscover", facts.HttpsPort, facts, "Outlook, by the service", RecordNeed.Optional);
    }

    private static PublishedRecord Service(string service, int port, ZoneFacts facts, string purpose, RecordNeed need = RecordNeed.Recommended) =>
        new($"{service}._tcp.{facts.Domain}", "SRV", string.Create(CultureInfo.InvariantCulture, $"0 1 {port} {facts.Hostname}."), need, purpose);

    private static PublishedRecord Alias(string label, ZoneFacts facts, RecordNeed need, string purpose) =>
        new($"{label}.{facts.Domain}", "CNAME", $"{facts.Hostname}.", need, purpose);
}
