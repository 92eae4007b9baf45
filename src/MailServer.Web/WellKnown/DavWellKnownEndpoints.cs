using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.WellKnown;

/// <summary>Well-known URLs for service discovery (RFC 6764 §5): requests with any method are redirected to the entry URL.</summary>
public static class DavWellKnownEndpoints
{
    public static void MapWellKnown(this IEndpointRouteBuilder endpoints)
    {
        Map(endpoints, "/.well-known/caldav", "/caldav/");
        Map(endpoints, "/.well-known/carddav", "/carddav/");
    }

    private static void Map(IEndpointRouteBuilder endpoints, string path, string entry) => endpoints.Map(path, http =>
    {
        // RFC 6764 §5 asks for it. A client that has the redirect for good would not find a server that moves.
        http.Response.Headers.CacheControl = "max-age=3600";
        http.Response.Redirect(entry, permanent: true, preserveMethod: true);
        return Task.CompletedTask;
    });
}
