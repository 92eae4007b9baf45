using System.Globalization;
using MailServer.Domain.Reports;

namespace MailServer.Web.Pages.Admin;

/// <summary>Received and sent DMARC and TLS reports.</summary>
internal static class ReportsPage
{
    private const int MostListed = 2_000;

    private static readonly ListOf<ReceivedReport> Received = new("/admin/reports", static r => [r.Domain, r.Organization, r.ReportId, r.Sender])
    {
        Columns =
        [
            ListColumn.Text<ReceivedReport>("domain", "Domain", static r => r.Domain),
            ListColumn.Text<ReceivedReport>("from", "From", static r => r.Organization),
            ListColumn.Value("time", "Time", static (ReceivedReport r) => r.Begin),
            ListColumn.Value("count", "Count", static (ReceivedReport r) => r.Messages, isNumber: true),
            ListColumn.Value("failed", "Failed", static (ReceivedReport r) => r.Failures, isNumber: true),
        ],
        Filters =
        [
            ListFilter.Values<ReceivedReport>("domain", "Domain", static r => r.Domain),
            ListFilter.Fixed<ReceivedReport>("failures", "Failures", new("yes", "with failures", static r => r.Failures > 0), new("no", "without failures", static r => r.Failures == 0)),
        ],
        Keeps = ["kind"],
    };

    private static readonly ListOf<SentReport> Sent = new("/admin/reports/sent", static r => [r.Subject.Domain, r.Outcome, .. r.Destinations])
    {
        Columns =
        [
            ListColumn.Text<SentReport>("domain", "Domain", static r => r.Subject.Domain),
            ListColumn.Value("day", "Day", static (SentReport r) => r.Subject.Day),
            ListColumn.Value("count", "Count", static (SentReport r) => r.Subject.Messages, isNumber: true),
            ListColumn.Plain<SentReport>("To"),
            ListColumn.Text<SentReport>("outcome", "Outcome", static r => r.Outcome),
        ],
        Filters = [ListFilter.Values<SentReport>("outcome", "Outcome", static r => r.Outcome)],
        Keeps = ["kind"],
    };

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get("/admin/reports", PageAudience.Administrators, ListAsync),
        PageRoute.Get("/admin/reports/sent", PageAudience.Administrators, SentAsync),
        PageRoute.Get("/admin/reports/summary", PageAudience.Administrators, SummaryAsync),
        PageRoute.Get("/admin/reports/show", PageAudience.Administrators, ShowAsync),
    ];

    private static ReportKind KindOf(PageRequest request) => request.Query("kind") == "tls" ? ReportKind.Tls : ReportKind.Dmarc;

    private static async Task<PageResult> ListAsync(PageRequest request)
    {
        var kind = KindOf(request);
        var received = await request.Services.Reports.ListReceivedAsync(kind, MostListed, request.Cancel);
        return PageResult.Render<ReportsView, ReportsModel>("Reports", new ReportsModel(kind, Received.Read(request, received)));
    }

    private static async Task<PageResult> SummaryAsync(PageRequest request)
    {
        var kind = KindOf(request);
        var weeks = await request.Services.Reports.SummarizeAsync(kind, null, request.Cancel);
        return PageResult.Render<ReportSummaryView, ReportSummaryModel>("Reports by week", new ReportSummaryModel(kind, weeks, ReportSummary.WeekOf(request.Services.Time.GetUtcNow())));
    }

    private static async Task<PageResult> SentAsync(PageRequest request)
    {
        var kind = KindOf(request);
        var sent = await request.Services.Reports.ListSentAsync(kind, MostListed, request.Cancel);
        return PageResult.Render<SentReportsView, SentReportsModel>("Sent reports", new SentReportsModel(kind, Sent.Read(request, sent)));
    }

    private static async Task<PageResult> ShowAsync(PageRequest request)
    {
        if (!long.TryParse(request.Query("id"), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) throw PageException.NotFound();
        var shown = await request.Services.Reports.ShowAsync(KindOf(request), id, request.Cancel);
        if (shown is { Report: { } about, Document.Dmarc: { } dmarc })
            return PageResult.Render<DmarcReportView, DmarcReportModel>($"DMARC report about {about.Domain}", new DmarcReportModel(about, dmarc, Paged.Of<DmarcReportRow>(dmarc.Rows, request.PageNumber)));
        if (shown is { Report: { } of, Document.Tls: { } tls })
            return PageResult.Render<TlsReportView, TlsReportModel>($"TLS report about {of.Domain}", new TlsReportModel(of, Paged.Of<TlsReportPolicy>(tls.Policies, request.PageNumber)));
        throw PageException.NotFound();
    }
}

/// <summary>Received reports.</summary>
public sealed record ReportsModel(ReportKind Kind, ListPage<ReceivedReport> Reports);

/// <summary>Sent reports.</summary>
public sealed record SentReportsModel(ReportKind Kind, ListPage<SentReport> Reports);

/// <summary>A received DMARC report.</summary>
public sealed record DmarcReportModel(ReceivedReport Summary, DmarcReport Report, Paged<DmarcReportRow> Rows);

/// <summary>A received TLS report.</summary>
public sealed record TlsReportModel(ReceivedReport Summary, Paged<TlsReportPolicy> Policies);

/// <summary>What the received reports say, by domain and week.</summary>
/// <param name="Kind">The kind of reports.</param>
/// <param name="Weeks">The weeks with reports, newest first.</param>
/// <param name="ThisWeek">The Monday of this week.</param>
public sealed record ReportSummaryModel(ReportKind Kind, IReadOnlyList<ReportSummary> Weeks, DateOnly ThisWeek);
