using System.Net;
using MailServer.Domain.Dns;
using MailServer.Network.Dns;
using MailServer.Protocol.MessageAuthentication.Spf;

namespace MailServer.Diagnostics;

/// <summary>An expected record, the published values, and the verdict: ok, missing, differs or unknown.</summary>
internal sealed record CheckedRecord(ZoneRecord Expected, IReadOnlyList<string> Found, string Verdict)
{
    public const string Ok = "ok";
    public const string Missing = "missing";
    public const string Differs = "differs";
    public const string Unknown = "unknown";

    /// <summary>Whether a required record is missing or wrong. Recommended and optional records do not affect delivery.</summary>
    public bool IsProblem => Expected.Need == RequirementLevel.Required && Verdict is not Ok;
}

/// <summary>
/// Compares published records with the expected ones. Where several values are equivalent it compares their effect: SPF must allow this host and not everybody, DMARC and
/// similar records must be valid, and addresses may replace an alias.
/// </summary>
internal sealed class ZoneCheck(RecordLookup records, Resolver resolver, string hostname, TimeProvider time)
{
    // Addresses for documentation, which no sender has: a policy that allows them allows everybody.
    private static readonly IPAddress[] Strangers = [IPAddress.Parse("203.0.113.250"), IPAddress.Parse("2001:db8:ffff:ffff::250")];

    public Task<CheckedRecord[]> CheckAsync(IReadOnlyList<ZoneRecord> expected, CancellationToken cancel) =>
        Task.WhenAll(expected.Select(record => CheckAsync(record, cancel)));

    private async Task<CheckedRecord> CheckAsync(ZoneRecord record, CancellationToken cancel)
    {
        var answer = await records.AskAsync(record.Name, record.Type, cancel);
        if (record.Type == "CNAME" && answer is DnsAnswer<string>.NoRecords) return await CheckAddressesAsync(record, cancel);
        return answer switch
        {
            DnsAnswer<string>.RecordsFound found => await JudgeAsync(record, found.Values, cancel),
            DnsAnswer<string>.TemporaryFailure failed => new CheckedRecord(record, [failed.Reason], CheckedRecord.Unknown),
            _ => new CheckedRecord(record, [], CheckedRecord.Missing),
        };
    }

    private async Task<CheckedRecord> JudgeAsync(ZoneRecord record, IReadOnlyList<string> found, CancellationToken cancel)
    {
        var tag = record.Type == "TXT" ? record.Value.Split([';', ' '])[0] : "";
        // A name can have unrelated TXT records; compare only those of this kind.
        var same = found.Where(f => f.StartsWith(tag, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (same.Length == 0) return new CheckedRecord(record, found, CheckedRecord.Missing);
        var isRight = tag switch
        {
            "v=spf1" => same.Length == 1 && await MaySendAsync(record.Name, cancel),
            // RFC 9989, RFC 8460, RFC 8461: several records are treated like none.
            "v=DMARC1" or "v=TLSRPTv1" or "v=STSv1" => same.Length == 1,
            _ when record.Type is "A" or "AAAA" or "MX" or "SRV" => same.Contains(record.Value, StringComparer.OrdinalIgnoreCase) || (record.Type == "MX" && same.Any(SameHost)),
            _ => same.Any(f => Squeeze(f) == Squeeze(record.Value)),
        };
        return new CheckedRecord(record, same, isRight ? CheckedRecord.Ok : CheckedRecord.Differs);

        bool SameHost(string mx) => mx.Split(' ')[^1] == record.Value.Split(' ')[^1];
    }

    /// <summary>Removes white space, which is not significant in these records.</summary>
    private static string Squeeze(string text) => text.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();

    private async Task<bool> MaySendAsync(string domain, CancellationToken cancel)
    {
        foreach (var address in await HostAddressesAsync(cancel))
            if (!await PassesAsync(address, domain, cancel)) return false;
        foreach (var address in Strangers)
            if (await PassesAsync(address, domain, cancel)) return false;
        return true;
    }

    private async Task<bool> PassesAsync(IPAddress address, string domain, CancellationToken cancel) =>
        (await new SpfEvaluator(resolver, time).EvaluateAsync(new SpfQuery(address, hostname, "postmaster@" + domain) { Receiver = hostname }, cancel)).Result == SpfResult.Pass;

    private async Task<CheckedRecord> CheckAddressesAsync(ZoneRecord record, CancellationToken cancel)
    {
        if (await resolver.AddressesAsync(record.Name, cancel) is not DnsAnswer<IPAddress>.RecordsFound found) return new CheckedRecord(record, [], CheckedRecord.Missing);
        var ours = await HostAddressesAsync(cancel);
        var values = found.Values.Select(static a => a.ToString()).ToArray();
        return new CheckedRecord(record, values, found.Values.Intersect(ours).Any() ? CheckedRecord.Ok : CheckedRecord.Differs);
    }

    private async Task<IReadOnlyList<IPAddress>> HostAddressesAsync(CancellationToken cancel) =>
        await resolver.AddressesAsync(hostname, cancel) is DnsAnswer<IPAddress>.RecordsFound found ? found.Values : [];
}
