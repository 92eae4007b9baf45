using MailServer.Domain.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Health;

/// <summary>
/// Endpoints for monitoring: <c>/health</c> returns 200 while the process runs, <c>/ready</c> returns 200 while the node can serve clients and 503
/// otherwise. Both list the current problems, one per line.
/// </summary>
public static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints, Func<bool> isReady, NodeProblems problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        endpoints.MapGet("/health", () => Results.Text(Body(problems, "ok\n")));
        endpoints.MapGet("/ready", () => isReady() && !problems.StopService
            ? Results.Text("ready\n" + Body(problems, ""))
            : Results.Text("not ready\n" + Body(problems, ""), statusCode: StatusCodes.Status503ServiceUnavailable));
    }

    private static string Body(NodeProblems problems, string none) =>
        string.Concat(problems.Current.Select(static p => $"degraded: {p}\n").DefaultIfEmpty(none));
}
