using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.WellKnown;

/// <summary>What is answered on port 80: certificate challenges (RFC 8555 §8.3), the set-up of clients that begin there; all else is led to HTTPS.</summary>
public sealed record PlainHttp
{
    private const string ChallengePath = "/.well-known/acme-challenge";

    public required int Port { get; init; }

    /// <summary>Where HTTPS is.</summary>
    public required int HttpsPort { get; init; }

    /// <summary>The name that a client is led to when it named none.</summary>
    public required string Hostname { get; init; }

    /// <summary>The answer to a token.</summary>
    public required Func<string, string?> Challenge { get; init; }

    internal async Task AnswerAsync(HttpContext http, RequestDelegate elsewhere)
    {
        if (http.Request.Path.StartsWithSegments(ChallengePath, StringComparison.Ordinal, out var token))
        {
            var answer = Challenge(token.Value?.TrimStart('/') ?? "");
            http.Response.StatusCode = answer is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
            http.Response.ContentType = "application/octet-stream";
            if (answer is not null) await http.Response.WriteAsync(answer, http.RequestAborted);
            return;
        }

        await elsewhere(http);
    }

    internal Task RedirectAsync(HttpContext http)
    {
        // 443 is the port that an https URL has anyway (RFC 9110 §4.2.2).
        const int Usual = 443;
        if (HttpsPort == 0)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        var host = http.Request.Host.Host is { Length: > 0 } asked ? asked : Hostname;
        var port = HttpsPort == Usual ? "" : ":" + HttpsPort.ToString(System.Globalization.CultureInfo.InvariantCulture);
        http.Response.Redirect($"https://{host}{port}{http.Request.PathBase}{http.Request.Path}{http.Request.QueryString}", permanent: true, preserveMethod: true);
        return Task.CompletedTask;
    }
}

/// <summary>Puts <see cref="PlainHttp"/> in front of everything else on its port.</summary>
public static class PlainHttpExtensions
{
    /// <param name="app">The application.</param>
    /// <param name="plain">What is answered.</param>
    /// <param name="setUp">What else may be had without TLS; led to HTTPS when it does not answer.</param>
    public static void UsePlainHttp(this IApplicationBuilder app, PlainHttp plain, Func<HttpContext, RequestDelegate, Task> setUp)
    {
        ArgumentNullException.ThrowIfNull(plain);
        app.Use((http, next) => http.Connection.LocalPort == plain.Port && http.Connection.LocalIpAddress is not null
            ? plain.AnswerAsync(http, visitor => setUp(visitor, plain.RedirectAsync))
            : next(http));
    }
}
