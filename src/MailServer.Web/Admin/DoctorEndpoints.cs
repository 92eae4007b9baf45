using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>The result of one check. <paramref name="Verdict"/> is ok, warning or problem.</summary>
public sealed record FindingDocument(string Subject, string Verdict, string Text);

/// <summary>Runs the diagnostic checks of the running server: <c>GET doctor</c>.</summary>
public static class DoctorEndpoints
{
    public static void MapDoctor(this IEndpointRouteBuilder endpoints, Func<CancellationToken, Task<IReadOnlyList<FindingDocument>>> examine) =>
        endpoints.MapGroup(AdminApi.Prefix).MapGet("doctor", async context =>
        {
            var findings = await examine(context.RequestAborted);
            await context.Response.WriteAsJsonAsync(findings, typeof(IReadOnlyList<FindingDocument>), AdminJson.Default, cancellationToken: context.RequestAborted);
        });
}
