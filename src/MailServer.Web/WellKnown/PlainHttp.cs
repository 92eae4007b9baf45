using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.WellKnown;

/// <summary>What is answered on port 80 besides client set-up: certificate challenges (RFC 8555 §8.3); everything else is redirected to HTTPS.</summary>
public sealed record PlainHttp
{
    private static readonly string[] s_methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Where HTTPS is; 0: nowhere.</summary>
    public required int HttpsPort { get; init; }

    /// <summary>The name to redirect to when the client asked for none of this server's.</summary>
    public required string Hostname { get; init; }

    /// <summary>Whether this server serves HTTPS under a name.</summary>
    public required Func<string, CancellationToken, ValueTask<bool>> IsServed { get; init; }

    /// <summary>The answer to a token.</summary>
    public required Func<string, string?> Challenge { get; init; }

    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapMethods("/.well-known/acme-challenge/{token}", s_methods, AnswerAsync);

    /// <summary>Leads to the same path over HTTPS: under the name that was asked for when it is one of this server's, else under its own.</summary>
    public async Task RedirectAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        // 443 is the port that an https URL has anyway (RFC 9110 §4.2.2).
        const int Usual = 443;
        if (HttpsPort == 0)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var asked = http.Request.Host.Host.TrimEnd('.').ToLowerInvariant();
        var host = asked.Length > 0 && await IsServed(asked, http.RequestAborted) ? asked : Hostname;
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
