using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>Endpoints that inspect and control the running server. <c>docs/admin-api.md</c> documents them.</summary>
public static class RuntimeEndpoints
{
    private const int MostActors = 100_000;

    public static void MapLive(this IEndpointRouteBuilder endpoints, RuntimeServices live)
    {
        ArgumentNullException.ThrowIfNull(live);
        var admin = endpoints.MapGroup(AdminApi.Prefix);
        admin.MapGet("status", async context => await WriteAsync(context, await live.Status(context.RequestAborted)));
        admin.MapGet("actors", context => ListActorsAsync(context, live));
        admin.MapGet("log", context => WriteAsync(context, new LogLevelListDocument(live.LogLevels.List())));
        admin.MapPut("log/{name}/{level}", context => Answer(context, live.LogLevels.TrySet(Route(context, "name"), Route(context, "level"))));
        admin.MapSessions(live);
        admin.MapMailboxes(live);
        admin.MapSharing(live);
        admin.MapUsers(live);
        admin.MapBans(live);
        admin.MapAliases(live.Administration);
        admin.MapMailingLists(live.Administration);
        admin.MapDomains(live.Administration, live.CreateKeys);
    }

    internal static string Route(HttpContext context, string name) => (string)context.Request.RouteValues[name]!;

    internal static Task WriteAsync<T>(HttpContext context, T document) =>
        context.Response.WriteAsJsonAsync(document, typeof(T), RuntimeJson.Default, cancellationToken: context.RequestAborted);

    internal static Task Answer(HttpContext context, bool found)
    {
        context.Response.StatusCode = found ? StatusCodes.Status204NoContent : StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static Task ListActorsAsync(HttpContext context, RuntimeServices live)
    {
        var path = context.Request.Query["path"].ToString();
        var max = int.TryParse(context.Request.Query["max"], out var n) ? Math.Clamp(n, 1, MostActors) : MostActors;
        var actors = live.Actors.Below(path.Length == 0 ? "/user" : path, max);
        return actors.Count == 0
            ? Answer(context, found: false)
            : WriteAsync(context, new ActorListDocument([.. actors.Select(static a => new ActorDocument(a.Path, a.Type, a.Inbox, a.Children))]));
    }
}
