using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.WellKnown;

/// <summary>The endpoints of port 80 besides client setup: certificate challenges (RFC 8555 §8.3) and redirects to HTTPS for everything else.</summary>
public sealed record PlainHttpEndpoint
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>The HTTPS port; 0 if HTTPS is not served.</summary>
    public required int HttpsPort { get; init; }

    /// <summary>The host name for redirects if the requested host is not served here.</summary>
    public required string Hostname { get; init; }

    /// <summary>Tests whether this server serves HTTPS for a host name.</summary>
    public required Func<string, CancellationToken, ValueTask<bool>> IsServedHost { get; init; }

    /// <summary>The key authorization for a challenge token; null if unknown.</summary>
    public required Func<string, string?> Challenge { get; init; }

    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapMethods("/.well-known/acme-challenge/{token}", Methods, AnswerAsync);

    /// <summary>Redirects to the same path over HTTPS, on the requested host if it is served here and otherwise on <see cref="Hostname"/>.</summary>
    public async Task RedirectAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        // 443 is the default port of https URLs (RFC 9110 §4.2.2).
        const int Usual = 443;
        if (HttpsPort == 0)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var requestedHost = http.Request.Host.Host.TrimEnd('.').ToLowerInvariant();
        var host = requestedHost.Length > 0 && await IsServedHost(requestedHost, http.RequestAborted) ? requestedHost : Hostname;
        var port = HttpsPort == Usual ? "" : ":" + HttpsPort.ToString(CultureInfo.InvariantCulture);
        http.Response.Redirect($"https://{host}{port}{http.Request.PathBase}{http.Request.Path}{http.Request.QueryString}", permanent: true, preserveMethod: true);
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var answer = Challenge((string)http.Request.RouteValues["token"]!);
        http.Response.StatusCode = answer is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
        http.Response.ContentType = "application/octet-stream";
        if (answer is not null) await http.Response.WriteAsync(answer, http.RequestAborted);
    }
}
