using MailServer.Domain.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Health;

/// <summary>
/// Endpoints for monitoring: <c>/health</c> returns 200 while the process runs, <c>/ready</c> returns 200 while the node can serve clients and 503
/// otherwise. Both list the problems and warnings, one per line.
/// </summary>
public static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints, Func<bool> isReady, HealthReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        endpoints.MapGet("/health", () => Results.Text("ok\n" + Body(report)));
        endpoints.MapGet("/ready", () => isReady() && !report.StopsService
            ? Results.Text("ready\n" + Body(report))
            : Results.Text("not ready\n" + Body(report), statusCode: StatusCodes.Status503ServiceUnavailable));
    }

    private static string Body(HealthReport report) =>
        string.Concat(report.Current.Where(static f => f.NeedsAction).Select(static f => $"{(f.Severity == FindingSeverity.Problem ? "problem" : "warning")}: {f}\n"));
}
