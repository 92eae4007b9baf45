using MailServer.Actors.Queue;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>
/// What the command line asks of the running server, over a Unix socket that only the server's own user can open. Nothing of it answers on
/// a TCP port.
/// </summary>
public static class AdminApi
{
    public const string Prefix = "/admin/v1";

    public static void MapAdmin(this IEndpointRouteBuilder endpoints, QueueAdministration queue)
    {
        var admin = endpoints.MapGroup(Prefix);
        admin.MapQueue(queue);
    }

    /// <summary>Answers 404 to whoever asks for the admin API elsewhere than on its socket.</summary>
    public static void UseAdminOnSocketOnly(this IApplicationBuilder app) => app.Use(static async (context, next) =>
    {
        if (context.Request.Path.StartsWithSegments(Prefix, StringComparison.Ordinal) && !IsLocalSocket(context))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await next(context);
    });

    private static bool IsLocalSocket(HttpContext context) =>
        context.Features.Get<IConnectionEndPointFeature>()?.LocalEndPoint is System.Net.Sockets.UnixDomainSocketEndPoint;
}
