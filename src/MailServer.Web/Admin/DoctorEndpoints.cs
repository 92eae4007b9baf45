using MailServer.Domain.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>The findings of the running server: <c>GET doctor</c>, which first refreshes the local checks; <c>POST doctor/{check}</c> reruns a check, or <c>all</c>.</summary>
public static class DoctorEndpoints
{
    /// <param name="endpoints">The route table of the admin socket.</param>
    /// <param name="report">The list of findings.</param>
    /// <param name="refresh">Runs the checks that ask no other host.</param>
    /// <param name="rerun">Runs a check by name; false if there is none.</param>
    public static void MapDoctor(this IEndpointRouteBuilder endpoints, HealthReport report, Func<CancellationToken, Task> refresh, Func<string, CancellationToken, Task<bool>> rerun)
    {
        var admin = endpoints.MapGroup(AdminApi.Prefix);
        admin.MapGet("doctor", async context =>
        {
            await refresh(context.RequestAborted);
            IReadOnlyList<FindingDocument> findings = [.. report.Current.Select(FindingDocument.Of)];
            await context.Response.WriteAsJsonAsync(findings, typeof(IReadOnlyList<FindingDocument>), AdminJson.Default, cancellationToken: context.RequestAborted);
        });
        admin.MapPost("doctor/{check}", async context => await RuntimeEndpoints.Answer(context, await rerun(RuntimeEndpoints.Route(context, "check"), context.RequestAborted)));
    }
}
