using MailServer.Domain.Dns;
using MailServer.Protocol.Reports;

namespace MailServer.Protocol.MessageAuthentication.Dmarc;

/// <summary>Where the reports about a domain go.</summary>
/// <param name="Uris">The places.</param>
/// <param name="Notes">For people: which were left out, and why.</param>
/// <param name="IsTemporary">DNS did not answer; ask again later.</param>
public sealed record ReportRoute(IReadOnlyList<ReportUri> Uris, IReadOnlyList<string> Notes, bool IsTemporary)
{
    /// <summary>The only note where nobody wants reports.</summary>
    public const string NotAsked = "no reports are asked for";
}

/// <summary>
/// Finds out where the reports about a domain go, and that those places want them: nobody is to be flooded with reports that someone else
/// asked for in his name.
/// </summary>
public sealed class ReportDestinations(IDnsLookup dns, int mostUris)
{
    private const int LongestName = 253;

    /// <summary>The addresses in the record of <paramref name="policyDomain"/>, each with the consent of its domain (RFC 9990 §4).</summary>
    public async Task<ReportRoute> FindDmarcAsync(string policyDomain, string record, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(policyDomain);
        var uris = new List<ReportUri>();
        var notes = new List<string>();
        var temporary = false;
        foreach (var uri in ReportUri.List(DmarcPolicyText.ReportsTo(record), mostUris))
        {
            if (uri.Address is null)
            {
                // RFC 9990 §3.4 knows mail only.
                notes.Add($"{uri.Text}: DMARC reports go by mail");
                continue;
            }

            var consent = await ConsentAsync(policyDomain, uri, cancel);
            if (consent.Note is { } note) notes.Add($"{uri.Text}: {note}");
            temporary |= consent.IsTemporary;
            uris.AddRange(consent.Uris);
        }

        if (uris.Count == 0 && notes.Count == 0) notes.Add(ReportRoute.NotAsked);
        return new ReportRoute([.. uris.DistinctBy(static u => u.Address)], notes, temporary);
    }

    /// <summary>The URIs of the <c>_smtp._tls</c> record (RFC 8460 §3). The record is the domain's own, and needs nobody's consent.</summary>
    public async Task<ReportRoute> FindTlsAsync(string domain, CancellationToken cancel)
    {
        switch (await dns.TextsAsync("_smtp._tls." + domain, cancel))
        {
            case DnsAnswer<string>.TemporaryFailure failure:
                return new ReportRoute([], [failure.Reason], IsTemporary: true);
            case DnsAnswer<string>.Found found:
                var records = found.Values.Select(static t => RecordTags.Read(t, "TLSRPTv1")).OfType<Dictionary<string, string>>().ToArray();
                // §3: several records are none.
                var uris = records is [var one] ? ReportUri.List(one.GetValueOrDefault("rua", ""), mostUris) : [];
                return new ReportRoute(uris, uris.Count > 0 ? [] : [ReportRoute.NotAsked], IsTemporary: false);
            default:
                return new ReportRoute([], [ReportRoute.NotAsked], IsTemporary: false);
        }
    }

    private async Task<Consent> ConsentAsync(string policyDomain, ReportUri uri, CancellationToken cancel)
    {
        var tree = new DmarcTree(dns);
        var ours = DmarcTree.OrganizationalDomain(policyDomain, await tree.WalkAsync(policyDomain, cancel));
        var theirs = DmarcTree.OrganizationalDomain(uri.Host, await tree.WalkAsync(uri.Host, cancel));
        if (ours == theirs) return new Consent([uri], null);
        if (tree.Trouble is { } trouble) return new Consent([], trouble, IsTemporary: true);
        var name = $"{policyDomain}._report._dmarc.{uri.Host}";
        if (name.Length > LongestName) return new Consent([], "the name that would tell its consent is too long");
        return await dns.TextsAsync(name, cancel) switch
        {
            DnsAnswer<string>.Found found => Judge(uri, [.. found.Values.Select(static t => RecordTags.Read(t, "DMARC1")).OfType<Dictionary<string, string>>()], name),
            DnsAnswer<string>.TemporaryFailure failure => new Consent([], failure.Reason, IsTemporary: true),
            _ => Refused(name),
        };
    }

    private Consent Judge(ReportUri uri, Dictionary<string, string>[] records, string name)
    {
        if (records.Length == 0) return Refused(name);
        if (records.Select(static r => r.GetValueOrDefault("rua")).OfType<string>().FirstOrDefault() is not { } instead) return new Consent([uri], null);
        // §4 step 9: another place of the same host, or none at all.
        var uris = ReportUri.List(instead, mostUris);
        var isSame = uris.Count > 0 && uris.All(u => u.Address is not null && u.Host == uri.Host);
        return isSame ? new Consent(uris, null) : new Consent([], $"{name} names a place elsewhere");
    }

    private static Consent Refused(string name) => new([], $"its domain has not agreed (no record {name})");

    private sealed record Consent(IReadOnlyList<ReportUri> Uris, string? Note, bool IsTemporary = false);
}
