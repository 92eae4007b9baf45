using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Metrics;

/// <summary>Who may read <c>/metrics</c>: programs on this machine, and whoever has the token.</summary>
/// <param name="token">The token; null if there is none.</param>
public sealed class MetricsAccess(string? token)
{
    private const string Scheme = "Bearer ";

    // An HTTP proxy on this machine makes every client look local.
    private static readonly string[] ProxyFields = ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"];

    private readonly byte[]? _digest = token is null ? null : Digest(token);

    /// <summary>Passes a request on, or refuses it with 401 or, if there is no token, 403.</summary>
    public Task CheckAsync(HttpContext http, RequestDelegate next)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(next);
        if (IsLocal(http) || HasToken(http.Request.Headers.Authorization.ToString())) return next(http);
        http.Response.StatusCode = _digest is null ? StatusCodes.Status403Forbidden : StatusCodes.Status401Unauthorized;
        if (_digest is not null) http.Response.Headers.WWWAuthenticate = "Bearer realm=\"metrics\"";
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync("Metrics are for this machine, or need the token of admin.metrics_token_file.\n", http.RequestAborted);
    }

    private static bool IsLocal(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } peer && IPAddress.IsLoopback(peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer) && !ProxyFields.Any(http.Request.Headers.ContainsKey);

    /// <summary>Compares digests, so that the time reveals neither the token nor its length.</summary>
    private bool HasToken(string authorization) =>
        _digest is not null && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && CryptographicOperations.FixedTimeEquals(Digest(authorization[Scheme.Length..].Trim()), _digest);

    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
