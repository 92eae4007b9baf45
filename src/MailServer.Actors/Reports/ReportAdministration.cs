using Akka.Actor;
using Akka.Hosting;
using MailServer.Domain;
using MailServer.Domain.Reports;
using MailServer.Protocol.Reports;

namespace MailServer.Actors.Reports;

/// <summary>Sent and received reports, for the admin API.</summary>
public sealed class ReportAdministration(ActorRegistry actors)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Sending waits for DNS and for other hosts.</summary>
    private static readonly TimeSpan SendPatience = TimeSpan.FromSeconds(90);

    private IActorRef Reports => actors.Get<ReportsActor>();

    public async Task<IReadOnlyList<ReceivedReport>> ListReceivedAsync(ReportKind kind, int max, CancellationToken cancel) =>
        (await Reports.Ask<ReportsProtocol.Received>(new ReportsProtocol.ListReceived(kind, max), Patience, cancel)).Reports;

    /// <summary>What the received reports say about each domain in each week, newest week first. Weeks begin on Monday (UTC).</summary>
    /// <param name="kind">The kind of reports.</param>
    /// <param name="domain">The domain; null: all.</param>
    /// <param name="cancel">Cancels the request.</param>
    public async Task<IReadOnlyList<ReportSummary>> SummarizeAsync(ReportKind kind, string? domain, CancellationToken cancel) =>
    [
        .. (await ListReceivedAsync(kind, Limits.Default.RetainedReports, cancel)).Where(r => domain is null || r.Domain.Equals(domain, StringComparison.OrdinalIgnoreCase))
            .GroupBy(static r => (Domain: r.Domain.ToLowerInvariant(), Week: ReportSummary.WeekOf(r.Begin)))
            .Select(static g => new ReportSummary(g.Key.Domain, g.Key.Week, g.Count(), g.Sum(static r => r.Messages), g.Sum(static r => r.Failures)))
            .OrderByDescending(static s => s.Week).ThenBy(static s => s.Domain, StringComparer.Ordinal),
    ];

    public async Task<IReadOnlyList<SentReport>> ListSentAsync(ReportKind kind, int max, CancellationToken cancel) =>
        (await Reports.Ask<ReportsProtocol.Sent>(new ReportsProtocol.ListSent(kind, max), Patience, cancel)).Reports;

    /// <summary>Both are null when there is no such report.</summary>
    public async Task<(ReceivedReport? Report, ReportDocument? Document)> ShowAsync(ReportKind kind, long id, CancellationToken cancel)
    {
        var shown = await Reports.Ask<ReportsProtocol.ReportFound>(new ReportsProtocol.GetReport(kind, id), Patience, cancel);
        return shown.Report is null ? default : (shown.Report, ReportDocument.Read(shown.Packed, Limits.Default));
    }

    public async Task<IReadOnlyList<SentReport>> SendAsync(ReportsProtocol.Send send, CancellationToken cancel) =>
        (await Reports.Ask<ReportsProtocol.Sent>(send, SendPatience, cancel)).Reports;
}
