using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Metrics;

/// <summary>Serves <c>/metrics</c> for Prometheus.</summary>
public static class MetricsEndpoint
{
    private const string TextFormat = "text/plain; version=0.0.4; charset=utf-8";

    public static void MapMetrics(
        this IEndpointRouteBuilder endpoints, PrometheusCollector collector, Func<CancellationToken, Task<IReadOnlyList<MetricSample>>> gauges, MetricsAccess access) =>
        endpoints.MapGet("/metrics", http => access.CheckAsync(http, async context =>
        {
            context.Response.ContentType = TextFormat;
            await context.Response.WriteAsync(collector.Write(await gauges(context.RequestAborted)), context.RequestAborted);
        }));
}
