using System.Globalization;
using MailServer.Domain.Reports;

namespace MailServer.Web.Pages.Admin;

/// <summary>Received and sent DMARC and TLS reports.</summary>
internal static class ReportsPage
{
    private const int MostListed = 2_000;

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get("/admin/reports", PageAudience.Administrators, ListAsync),
        PageRoute.Get("/admin/reports/sent", PageAudience.Administrators, SentAsync),
        PageRoute.Get("/admin/reports/show", PageAudience.Administrators, ShowAsync),
    ];

    private static ReportKind KindOf(PageRequest request) => request.Query("kind") == "tls" ? ReportKind.Tls : ReportKind.Dmarc;

    private static async Task<PageResult> ListAsync(PageRequest request)
    {
        var kind = KindOf(request);
        var received = await request.Services.Reports.ListReceivedAsync(kind, MostListed, request.Cancel);
        return PageResult.Render<ReportsView, ReportsModel>("Reports", new ReportsModel(kind, Paged.Of<ReceivedReport>(received, request.PageNumber)));
    }

    private static async Task<PageResult> SentAsync(PageRequest request)
    {
        var kind = KindOf(request);
        var sent = await request.Services.Reports.ListSentAsync(kind, MostListed, request.Cancel);
        return PageResult.Render<SentReportsView, SentReportsModel>("Reports that were sent", new SentReportsModel(kind, Paged.Of<SentReport>(sent, request.PageNumber)));
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
public sealed record ReportsModel(ReportKind Kind, Paged<ReceivedReport> Reports);

/// <summary>Sent reports.</summary>
public sealed record SentReportsModel(ReportKind Kind, Paged<SentReport> Reports);

/// <summary>A received DMARC report.</summary>
public sealed record DmarcReportModel(ReceivedReport Summary, DmarcReport Report, Paged<DmarcReportRow> Rows);

/// <summary>A received TLS report.</summary>
public sealed record TlsReportModel(ReceivedReport Summary, Paged<TlsReportPolicy> Policies);
