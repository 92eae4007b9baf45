using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.WellKnown;

/// <summary>Where clients that know only the host begin (RFC 6764 §5): any method is led to the entry URL.</summary>
public static class WellKnownUrls
{
    public static void UseWellKnown(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        var entry = http.Request.Path.Value?.TrimEnd('/') switch
        {
            "/.well-known/caldav" => "/caldav/",
            "/.well-known/carddav" => "/carddav/",
            _ => null,
        };
        if (entry is null) return next(http);
        http.Response.Redirect(entry, permanent: true, preserveMethod: true);
        return Task.CompletedTask;
    });
}
