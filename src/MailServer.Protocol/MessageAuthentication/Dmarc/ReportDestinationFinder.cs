using MailServer.Domain.Dns;
using MailServer.Protocol.Reports;

namespace MailServer.Protocol.MessageAuthentication.Dmarc;

/// <summary>The destinations of the reports about a domain.</summary>
/// <param name="Uris">The accepted destinations.</param>
/// <param name="Notes">Human-readable: which destinations were left out, and why.</param>
/// <param name="IsTemporary">DNS failed; try again later.</param>
public sealed record ReportRoute(IReadOnlyList<ReportUri> Uris, IReadOnlyList<string> Notes, bool IsTemporary)
{
    /// <summary>The only note when a domain does not request reports.</summary>
    public const string NoReportsRequested = "no reports requested";
}

/// <summary>
/// Finds the destinations of the reports about a domain and checks that each destination accepts them. Otherwise a domain owner could flood others
/// with reports.
/// </summary>
public sealed class ReportDestinationFinder(IDnsLookup dns, int mostUris)
{
    private const int MaxNameLength = 253;

    /// <summary>The addresses in the record of <paramref name="policyDomain"/> that their own domains have authorized (RFC 9990 §4).</summary>
    public async Task<ReportRoute> FindDmarcAsync(string policyDomain, string record, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(policyDomain);
        var uris = new List<ReportUri>();
        var notes = new List<string>();
        var temporary = false;
        foreach (var uri in ReportUri.ParseList(DmarcPolicyText.ReportsTo(record), mostUris))
        {
            if (uri.Address is null)
            {
                // RFC 9990 §3.4 defines only mail.
                notes.Add($"{uri.Text}: DMARC reports can only be sent by mail");
                continue;
            }

            var consent = await ConsentAsync(policyDomain, uri, cancel);
            if (consent.Note is { } note) notes.Add($"{uri.Text}: {note}");
            temporary |= consent.IsTemporary;
            uris.AddRange(consent.Uris);
        }

        if (uris.Count == 0 && notes.Count == 0) notes.Add(ReportRoute.NoReportsRequested);
        return new ReportRoute([.. uris.DistinctBy(static u => u.Address)], notes, temporary);
    }

    /// <summary>The URIs of the <c>_smtp._tls</c> record (RFC 8460 §3). The record belongs to the domain itself, so no further authorization is needed.</summary>
    public async Task<ReportRoute> FindTlsAsync(string domain, CancellationToken cancel)
    {
        switch (await dns.LookupTxtAsync("_smtp._tls." + domain, cancel))
        {
            case DnsAnswer<string>.TemporaryFailure failure:
                return new ReportRoute([], [failure.Reason], IsTemporary: true);
            case DnsAnswer<string>.RecordsFound found:
                var records = found.Values.Select(static t => RecordTags.Read(t, "TLSRPTv1")).OfType<Dictionary<string, string>>().ToArray();
                // §3: several records count as none.
                var uris = records is [var one] ? ReportUri.ParseList(one.GetValueOrDefault("rua", ""), mostUris) : [];
                return new ReportRoute(uris, uris.Count > 0 ? [] : [ReportRoute.NoReportsRequested], IsTemporary: false);
            default:
                return new ReportRoute([], [ReportRoute.NoReportsRequested], IsTemporary: false);
        }
    }

    private async Task<Consent> ConsentAsync(string policyDomain, ReportUri uri, CancellationToken cancel)
    {
        var tree = new DmarcTreeWalk(dns);
        var ours = DmarcTreeWalk.OrganizationalDomain(policyDomain, await tree.WalkAsync(policyDomain, cancel));
        var theirs = DmarcTreeWalk.OrganizationalDomain(uri.Host, await tree.WalkAsync(uri.Host, cancel));
        if (ours == theirs) return new Consent([uri], null);
        if (tree.DnsError is { } trouble) return new Consent([], trouble, IsTemporary: true);
        var name = $"{policyDomain}._report._dmarc.{uri.Host}";
        if (name.Length > MaxNameLength) return new Consent([], "the name of its authorization record is too long");
        return await dns.LookupTxtAsync(name, cancel) switch
        {
            DnsAnswer<string>.RecordsFound found => Judge(uri, [.. found.Values.Select(static t => RecordTags.Read(t, "DMARC1")).OfType<Dictionary<string, string>>()], name),
            DnsAnswer<string>.TemporaryFailure failure => new Consent([], failure.Reason, IsTemporary: true),
            _ => Refused(name),
        };
    }

    private Consent Judge(ReportUri uri, Dictionary<string, string>[] records, string name)
    {
        if (records.Length == 0) return Refused(name);
        if (records.Select(static r => r.GetValueOrDefault("rua")).OfType<string>().FirstOrDefault() is not { } instead) return new Consent([uri], null);
        // §4 step 9: the record may only redirect to another address on the same host.
        var uris = ReportUri.ParseList(instead, mostUris);
        var isSame = uris.Count > 0 && uris.All(u => u.Address is not null && u.Host == uri.Host);
        return isSame ? new Consent(uris, null) : new Consent([], $"{name} names another host");
    }

    private static Consent Refused(string name) => new([], $"its domain has not agreed (no record {name})");

    private sealed record Consent(IReadOnlyList<ReportUri> Uris, string? Note, bool IsTemporary = false);
}
