using System.Text;
using System.Text.Json;

namespace MailServer.Load;

/// <summary>Formats the runs of a peer and of this server, one JSON line each, as a Markdown table of medians and of ratios ours ÷ peer.</summary>
internal static class ComparisonTable
{
    private static readonly (string Scenario, string Figure, string Title)[] Rows =
    [
        ("deliver", "visible_per_s", "SMTP deliveries until visible by IMAP [/s]"),
        ("deliver", "accepted_per_s", "SMTP deliveries accepted [/s]"),
        ("deliver", "transaction_p99_ms", "SMTP transaction, p99 [ms]"),
        ("fetch", "append_per_s", "IMAP APPEND, one connection [/s]"),
        ("fetch", "select_ms", "SELECT [ms]"),
        ("fetch", "flags_first_ms", "FETCH of all flags, first [ms]"),
        ("fetch", "flags_warm_ms", "FETCH of all flags, warm [ms]"),
        ("fetch", "envelope_first_ms", "FETCH of all envelopes, first [ms]"),
        ("fetch", "envelope_warm_ms", "FETCH of all envelopes, warm [ms]"),
        ("idle", "pss_kb", "idle TLS session, memory [KB]"),
        ("idle", "opened_per_s", "TLS sessions opened [/s]"),
        ("idle", "push_p50_ms", "push: 250 to EXISTS, p50 [ms]"),
        ("idle", "push_p99_ms", "push: 250 to EXISTS, p99 [ms]"),
        ("start", "ready_ms", "start until every port answers [ms]"),
    ];

    public static string Of(IEnumerable<string> lines, string peer, string ours)
    {
        var runs = lines.Where(l => l.Length > 0).Select(l => JsonSerializer.Deserialize<BenchmarkRun>(l, ScenarioReport.Json)!).ToArray();
        var table = new StringBuilder($"|  | {peer} | {ours} | ratio |\n|---|---:|---:|---:|\n");
        foreach (var (scenario, figure, title) in Rows)
        {
            var (theirs, own) = (Median(peer), Median(ours));
            var ratio = double.IsFinite(own / theirs) ? $"{ScenarioReport.Text(own / theirs)} ×" : "–";
            table.Append($"| {title} | {ScenarioReport.Text(theirs)} | {ScenarioReport.Text(own)} | {ratio} |\n");

            double Median(string server) => Statistics.Median(runs.Where(r => r.Server == server && r.Scenario == scenario).Select(r => r.Figures[figure]));
        }

        return table.ToString();
    }

    private sealed record BenchmarkRun(string Server, string Scenario, Dictionary<string, double> Figures);
}
