using MailServer.Actors.Queue;
using MailServer.Actors.Reports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MailServer.Web.Admin;

/// <summary>
/// What the command line asks of the running server, over a Unix socket that only the server's own user can open. Nothing of it answers on
/// a TCP port.
/// </summary>
public static class AdminApi
{
    public const string Prefix = "/admin/v1";

    public static void MapAdmin(this IEndpointRouteBuilder endpoints, QueueAdministration queue, ReportAdministration reports)
    {
        var admin = endpoints.MapGroup(Prefix);
        admin.MapQueue(queue);
        admin.MapReports(reports);
    }

    /// <summary>Marks the connections of a listener as those that may ask.</summary>
    public static void AllowAdmin(this ListenOptions listener) => listener.Use(static next => connection =>
    {
        connection.Features.Set(SocketMark.Instance);
        return next(connection);
    });

    /// <summary>Answers 404 to whoever asks for the admin API elsewhere than on its socket.</summary>
    public static void UseAdminOnSocketOnly(this IApplicationBuilder app) => app.Use(static async (context, next) =>
    {
        if (context.Request.Path.StartsWithSegments(Prefix, StringComparison.Ordinal) && context.Features.Get<SocketMark>() is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await next(context);
    });

    private sealed class SocketMark
    {
        public static SocketMark Instance { get; } = new();
    }
}
