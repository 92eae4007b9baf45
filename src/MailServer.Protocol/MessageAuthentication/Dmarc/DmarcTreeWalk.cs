using MailServer.Domain.Dns;

namespace MailServer.Protocol.MessageAuthentication.Dmarc;

/// <summary>The DNS tree walk (RFC 9989 §4.10): from a domain upwards, with at most eight queries. Use one object per evaluation; it caches every name.</summary>
internal sealed class DmarcTreeWalk(IDnsLookup dns)
{
    // §4.10: longer names are shortened to their last seven labels after the first query.
    private const int MaxLabels = 7;

    private readonly Dictionary<string, DmarcRecord?> _known = new(StringComparer.Ordinal);

    /// <summary>The last DNS failure; null when every query was answered.</summary>
    public string? DnsError { get; private set; }

    /// <summary>The records found from the domain upwards.</summary>
    public async Task<IReadOnlyList<(string Domain, DmarcRecord Record)>> WalkAsync(string domain, CancellationToken cancel)
    {
        var found = new List<(string, DmarcRecord)>();
        var labels = domain.Split('.');
        for (var i = 0; i < labels.Length; i = i == 0 ? Math.Max(1, labels.Length - MaxLabels) : i + 1)
        {
            var name = string.Join('.', labels.AsSpan(i).ToArray());
            if (await FindAsync(name, cancel) is not { } record) continue;
            found.Add((name, record));
            if (record.IsPublicSuffix is not null) break;
        }

        return found;
    }

    /// <summary>The organizational domain (§4.10.2).</summary>
    public static string OrganizationalDomain(string domain, IReadOnlyList<(string Domain, DmarcRecord Record)> walked)
    {
        foreach (var (name, record) in walked)
        {
            if (record.IsPublicSuffix == false) return name;
            if (record.IsPublicSuffix == true && name != domain) return OneBelow(domain, name);
        }

        return walked.Count > 0 ? walked[^1].Domain : domain;
    }

    private static string OneBelow(string domain, string suffix)
    {
        var front = domain[..^(suffix.Length + 1)];
        return $"{front[(front.LastIndexOf('.') + 1)..]}.{suffix}";
    }

    private async Task<DmarcRecord?> FindAsync(string name, CancellationToken cancel)
    {
        if (_known.TryGetValue(name, out var known)) return known;
        DmarcRecord? record = null;
        switch (await dns.LookupTxtAsync("_dmarc." + name, cancel))
        {
            case DnsAnswer<string>.TemporaryFailure failure:
                DnsError = failure.Reason;
                break;
            case DnsAnswer<string>.RecordsFound found:
                // Several records count as none.
                var records = found.Values.Select(t => DmarcRecord.TryParse(t, out var r) ? r : null).OfType<DmarcRecord>().ToArray();
                record = records.Length == 1 ? records[0] : null;
                break;
        }

        _known.Add(name, record);
        return record;
    }
}
