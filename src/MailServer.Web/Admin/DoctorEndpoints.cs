using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>One thing that was looked at. <paramref name="Verdict"/> is ok, warning or problem.</summary>
public sealed record FindingDocument(string Subject, string Verdict, string Text);

/// <summary>The running server's own examination: <c>GET doctor</c>.</summary>
public static class DoctorEndpoints
{
    public static void MapDoctor(this IEndpointRouteBuilder endpoints, Func<CancellationToken, Task<IReadOnlyList<FindingDocument>>> examine) =>
        endpoints.MapGroup(AdminApi.Prefix).MapGet("doctor", async context =>
        {
            var findings = await examine(context.RequestAborted);
            await context.Response.WriteAsJsonAsync(findings, typeof(IReadOnlyList<FindingDocument>), AdminJson.Default, cancellationToken: context.RequestAborted);
        });
}
