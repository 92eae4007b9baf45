using System.Globalization;
using MailServer.Actors.Reports;
using MailServer.Domain.Reports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>
/// Report endpoints: <c>GET reports/{dmarc|tls}</c>, <c>GET …/sent</c>, <c>GET …/summary?domain=</c>, <c>GET …/{id}</c>, <c>POST …/send?day=&amp;domain=&amp;dry_run=</c>.
/// </summary>
public static class ReportEndpoints
{
    private const int MostListed = 10_000;

    public static void MapReports(this IEndpointRouteBuilder admin, ReportAdministration reports)
    {
        Map(admin.MapGroup("reports/dmarc"), reports, ReportKind.Dmarc);
        Map(admin.MapGroup("reports/tls"), reports, ReportKind.Tls);
    }

    private static void Map(RouteGroupBuilder group, ReportAdministration reports, ReportKind kind)
    {
        group.MapGet("", async context =>
        {
            var received = await reports.ListReceivedAsync(kind, MostOf(context), context.RequestAborted);
            await WriteAsync<IReadOnlyList<ReceivedReportDocument>>(context, [.. received.Select(Describe)]);
        });
        group.MapGet("sent", async context =>
        {
            var sent = await reports.ListSentAsync(kind, MostOf(context), context.RequestAborted);
            await WriteAsync<IReadOnlyList<SentReportDocument>>(context, [.. sent.Select(Describe)]);
        });
        group.MapGet("summary", async context =>
        {
            var domain = context.Request.Query["domain"].ToString();
            var weeks = await reports.SummarizeAsync(kind, domain.Length == 0 ? null : domain, context.RequestAborted);
            await WriteAsync<IReadOnlyList<ReportSummaryDocument>>(
                context, [.. weeks.Select(static s => new ReportSummaryDocument(s.Domain, s.Week.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), s.Reports, s.Messages, s.Failures))]);
        });
        group.MapGet("{id:long}", context => ShowAsync(context, reports, kind));
        group.MapPost("send", context => SendAsync(context, reports, kind));
    }

    private static async Task ShowAsync(HttpContext context, ReportAdministration reports, ReportKind kind)
    {
        var id = long.Parse((string)context.Request.RouteValues["id"]!, CultureInfo.InvariantCulture);
        var shown = await reports.ShowAsync(kind, id, context.RequestAborted);
        if (shown is { Report: { } report, Document.Dmarc: { } dmarc })
            await WriteAsync(context, new DmarcReportDocument(Describe(report), Describe(dmarc.Policy), [.. dmarc.Rows.Select(Describe)]));
        else if (shown is { Report: { } about, Document.Tls: { } tls })
            await WriteAsync(context, new TlsReportDocument(Describe(about), [.. tls.Policies.Select(Describe)]));
        else
            context.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    private static async Task SendAsync(HttpContext context, ReportAdministration reports, ReportKind kind)
    {
        var query = context.Request.Query;
        if (!DateOnly.TryParseExact(query["day"], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var domain = query["domain"].ToString() is { Length: > 0 } one ? one : null;
        var sent = await reports.SendAsync(new ReportsProtocol.Send(kind, day, domain, query["dry_run"] == "true"), context.RequestAborted);
        await WriteAsync<IReadOnlyList<SentReportDocument>>(context, [.. sent.Select(Describe)]);
    }

    private static int MostOf(HttpContext context) => int.TryParse(context.Request.Query["max"], out var n) ? Math.Clamp(n, 1, MostListed) : MostListed;

    private static Task WriteAsync<T>(HttpContext context, T document) =>
        context.Response.WriteAsJsonAsync(document, typeof(T), AdminJson.Default, cancellationToken: context.RequestAborted);

    private static ReceivedReportDocument Describe(ReceivedReport report) => new(
        report.Id, report.ReceivedAt, report.Domain, report.Organization, report.Begin, report.End, report.Messages, report.Failures, report.ReportId, report.Sender);

    private static SentReportDocument Describe(SentReport sent) => new(
        sent.Subject.Domain, sent.Subject.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), sent.Subject.Messages, sent.Destinations, sent.Outcome, sent.ReportId, sent.At);

    private static DmarcPolicyDocument Describe(DmarcPublishedPolicy policy) => new(
        policy.Domain, policy.Policy, policy.SubdomainPolicy, policy.NonexistentPolicy, policy.DkimAlignment, policy.SpfAlignment, policy.Testing);

    private static DmarcRowDocument Describe(DmarcReportRow row) => new(
        row.Source,
        row.Count,
        row.Disposition,
        row.DkimAligned ? "pass" : "fail",
        row.SpfAligned ? "pass" : "fail",
        row.HeaderFrom,
        row.EnvelopeFrom ?? "",
        [.. row.Dkim.Select(static d => $"{d.Domain}={d.Result}")],
        [.. row.Spf.Select(static s => $"{s.Domain}={s.Result}")],
        [.. row.Reasons.Select(static r => r.Comment.Length > 0 ? $"{r.Type}: {r.Comment}" : r.Type)]);

    private static TlsPolicyDocument Describe(TlsReportPolicy policy) => new(
        policy.Domain, policy.Type, policy.Strings, policy.MxHosts, policy.Successful, policy.Failed, [.. policy.Failures.Select(Describe)]);

    private static TlsFailureDocument Describe(TlsReportFailure failure) => new(
        failure.Type, failure.Count, failure.MxHost, failure.ReceivingAddress, failure.SendingAddress, failure.MxHelo, failure.Information, failure.ReasonCode);
}
