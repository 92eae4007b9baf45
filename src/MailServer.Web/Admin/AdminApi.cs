using MailServer.Actors.Queue;
using MailServer.Actors.Reports;
using MailServer.Domain.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>
/// The admin API, which the command line uses to control the running server. It is only mapped in the pipeline of the admin socket, a Unix socket
/// that only the server's own user can open.
/// </summary>
public static class AdminApi
{
    public const string Prefix = "/admin/v1";

    private const int LongestPath = 500;

    /// <param name="endpoints">The routes of the listener.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="reports">The reports.</param>
    /// <param name="isHosted">Whether this server receives mail for a domain.</param>
    public static void MapAdmin(this IEndpointRouteBuilder endpoints, QueueAdministration queue, ReportAdministration reports, Func<string, CancellationToken, ValueTask<bool>> isHosted)
    {
        var admin = endpoints.MapGroup(Prefix);
        admin.MapQueue(queue, isHosted);
        admin.MapReports(reports);
    }

    /// <summary>
    /// Middleware that writes every request on the admin socket with an unsafe method to the audit log, for any path and any outcome.
    /// </summary>
    public static Func<HttpContext, RequestDelegate, Task> Audit(IAuditLog audit, TimeProvider time) => async (http, next) =>
    {
        var failed = true;
        try
        {
            await next(http);
            failed = false;
        }
        finally
        {
            if (!IsSafe(http.Request.Method)) Note(http, audit, time, failed);
        }
    };

    /// <summary>True for the safe methods of RFC 9110 §9.2.1.</summary>
    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);

    private static void Note(HttpContext http, IAuditLog audit, TimeProvider time, bool failed)
    {
        // Path and query are logged in escaped form, because decoded ones may contain line breaks. The query tells what a change selects.
        var path = http.Request.Path.StartsWithSegments(Prefix, StringComparison.OrdinalIgnoreCase, out var rest) ? rest.ToUriComponent() : http.Request.Path.ToUriComponent();
        path += QueryString.Create(http.Request.Query).ToUriComponent();
        if (path.Length > LongestPath) path = path[..LongestPath];
        var ended = failed ? "failed" : http.Response.StatusCode.ToString(System.Globalization.CultureInfo.InvariantCulture);
        audit.Note(new AuditEvent(time.GetUtcNow(), "admin.request", "", "admin socket", null, $"{http.Request.Method} {path} {ended}"));
    }
}
