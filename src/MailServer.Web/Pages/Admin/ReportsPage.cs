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

    private static async Task<PageAnswer> ListAsync(PageRequest request)
    {
        var kind = KindOf(request);
        var received = await request.Services.Reports.ListReceivedAsync(kind, MostListed, request.Cancel);
        return PageAnswer.Show<ReportsView, ReportsModel>("Reports", new ReportsModel(kind, Paged.Of<ReceivedReport>(received, request.Number)));
    }

    private static async Task<PageAnswer> SentAsync(PageRequest request)
    {
        var kind = KindOf(request);
        var sent = await request.Services.Reports.ListSentAsync(kind, MostListed, request.Cancel);
        return PageAnswer.Show<SentReportsView, SentReportsModel>("Reports that were sent", new SentReportsModel(kind, Paged.Of<SentReport>(sent, request.Number)));
    }

    private static async Task<PageAnswer> ShowAsync(PageRequest request)
    {
        if (!long.TryParse(request.Query("id"), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) throw PageException.NotFound();
        var shown = await request.Services.Reports.ShowAsync(KindOf(request), id, request.Cancel);
        if (shown is { Report: { } about, Document.Dmarc: { } dmarc })
            return PageAnswer.Show<DmarcReportView, DmarcModel>($"DMARC report about {about.Domain}", new DmarcModel(about, dmarc, Paged.Of<DmarcReportRow>(dmarc.Rows, request.Number)));
        if (shown is { Report: { } of, Document.Tls: { } tls })
            return PageAnswer.Show<TlsReportView, TlsModel>($"TLS report about {of.Domain}", new TlsModel(of, Paged.Of<TlsReportPolicy>(tls.Policies, request.Number)));
        throw PageException.NotFound();
    }
}

/// <summary>Received reports.</summary>
public sealed record ReportsModel(ReportKind Kind, Paged<ReceivedReport> Reports);

/// <summary>Sent reports.</summary>
public sealed record SentReportsModel(ReportKind Kind, Paged<SentReport> Reports);

/// <summary>A received DMARC report.</summary>
public sealed record DmarcModel(ReceivedReport About, DmarcReport Report, Paged<DmarcReportRow> Rows);

/// <summary>A received TLS report.</summary>
public sealed record TlsModel(ReceivedReport About, Paged<TlsReportPolicy> Policies);
