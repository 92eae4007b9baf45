using System.Globalization;
using MailServer.Domain.Reports;

namespace MailServer.Storage.Reports;

/// <summary>
/// Encodes the properties of an observation as a text key. Observations with the same key are counted in one row. Fields are separated
/// by <c>US</c>, list items by line feeds, parts of an item by tabs; control characters in values are replaced by question marks.
/// </summary>
internal static class ObservationKey
{
    private const char Field = '\u001f';
    private const int LongestValue = 1_000;
    private const int LongestName = 255;
    // RFC 9990 §3.1.3
    private const int MostSignatures = 100;

    public static string Of(DmarcObservation o) => string.Join(Field,
        o.Source.ToString(),
        Name(o.HeaderFrom),
        Name(o.EnvelopeFrom),
        Name(o.Disposition),
        o.DkimAligned ? "1" : "0",
        o.SpfAligned ? "1" : "0",
        Name(o.OverrideReason ?? ""),
        string.Join('\n', o.Dkim.Take(MostSignatures).Select(static d => $"{Name(d.Domain)}\t{Name(d.Selector)}\t{Name(d.Result)}")),
        o.Spf is { } spf ? $"{Name(spf.Domain)}\t{Name(spf.Result)}" : "");

    public static DmarcReportRow ReadDmarc(string text, long count)
    {
        var fields = text.Split(Field);
        return new DmarcReportRow
        {
            Source = fields[0],
            Count = count,
            HeaderFrom = fields[1],
            EnvelopeFrom = fields[2],
            Disposition = fields[3],
            DkimAligned = fields[4] == "1",
            SpfAligned = fields[5] == "1",
            Reasons = fields[6].Length > 0 ? [new PolicyOverrideReason(fields[6], "")] : [],
            Dkim = [.. Lines(fields[7]).Select(static l => l.Split('\t')).Select(static d => new DkimObservation(d[0], d[1], d[2]))],
            Spf = [.. Lines(fields[8]).Select(static l => l.Split('\t')).Select(static s => new SpfObservation(s[0], s[1]))],
        };
    }

    /// <summary>The policy fields come first, so that rows under one policy are adjacent. Successful sessions are not distinguished by host.</summary>
    public static string Of(TlsObservation o) => string.Join(Field,
        ((int)o.PolicyType).ToString(CultureInfo.InvariantCulture),
        List(o.PolicyStrings),
        List(o.MxPatterns),
        Name(o.Failure ?? ""),
        o.Failure is null ? string.Join(Field, "", "", "", "", "") : string.Join(Field,
            Name(o.MxHost ?? ""), o.ReceivingAddress?.ToString() ?? "", o.SendingAddress?.ToString() ?? "", Name(o.ReceivingHelo ?? ""), Value(o.Information ?? "")));

    /// <summary>Groups rows by policy and adds up their counts.</summary>
    public static IReadOnlyList<TlsReportPolicy> ReadTls(string domain, IEnumerable<(string Text, long Count)> rows) =>
    [
        .. rows.Select(static r => (Fields: r.Text.Split(Field), r.Count)).GroupBy(static r => (r.Fields[0], r.Fields[1], r.Fields[2])).Select(group => new TlsReportPolicy
        {
            Type = TypeName((TlsPolicyType)int.Parse(group.Key.Item1, CultureInfo.InvariantCulture)),
            Strings = [.. Lines(group.Key.Item2)],
            Domain = domain,
            MxHosts = [.. Lines(group.Key.Item3)],
            Successful = group.Where(static r => r.Fields[3].Length == 0).Sum(static r => r.Count),
            Failed = group.Where(static r => r.Fields[3].Length > 0).Sum(static r => r.Count),
            Failures = [.. group.Where(static r => r.Fields[3].Length > 0).Select(static r => Failure(r.Fields, r.Count))],
        }),
    ];

    private static TlsReportFailure Failure(string[] fields, long count) => new()
    {
        Type = fields[3],
        Count = count,
        MxHost = fields[4],
        ReceivingAddress = fields[5],
        SendingAddress = fields[6],
        MxHelo = fields[7],
        Information = fields[8],
    };

    // RFC 8460 §4.4
    private static string TypeName(TlsPolicyType type) => type switch
    {
        TlsPolicyType.Sts => "sts",
        TlsPolicyType.Tlsa => "tlsa",
        _ => "no-policy-found",
    };

    private static string List(IReadOnlyList<string> items)
    {
        const int most = 50;
        return string.Join('\n', items.Take(most).Select(Value));
    }

    private static string[] Lines(string text) => text.Length == 0 ? [] : text.Split('\n');

    private static string Name(string text) => Clean(text, LongestName);

    private static string Value(string text) => Clean(text, LongestValue);

    private static string Clean(string text, int longest)
    {
        var cut = text.Length <= longest ? text : text[..longest];
        return cut.AsSpan().ContainsAnyInRange('\0', '\u001f') ? string.Concat(cut.Select(static c => c < ' ' ? '?' : c)) : cut;
    }
}
