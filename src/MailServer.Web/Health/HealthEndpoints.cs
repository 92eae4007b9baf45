using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Health;

/// <summary>
/// What a monitor asks: <c>/health</c> is 200 while the process works, and says what is wrong all the same; <c>/ready</c> is 200 while it takes mail.
/// </summary>
public static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints, Func<bool> isReady, Func<IEnumerable<string>> problems)
    {
        endpoints.MapGet("/health", () => Results.Text(string.Concat(problems().Select(static p => $"degraded: {p}\n").DefaultIfEmpty("ok\n"))));
        endpoints.MapGet("/ready", () => isReady() ? Results.Text("ready\n") : Results.Text("not ready\n", statusCode: StatusCodes.Status503ServiceUnavailable));
    }
}
