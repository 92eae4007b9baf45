using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Domain.TransportSecurity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.WellKnown;

/// <summary>
/// Serves the MTA-STS policy of this server for every hosted domain, on the host <c>mta-sts.DOMAIN</c> (RFC 8461 §3.3).
/// </summary>
public static class MtaStsPolicyEndpoint
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];
    private static readonly string HostPrefix = MtaStsRecord.HostFor("");

    /// <param name="endpoints">The routes of the listener.</param>
    /// <param name="find">Returns the policy of a hosted domain; null if the domain is not hosted here.</param>
    public static void MapMtaStsPolicy(this IEndpointRouteBuilder endpoints, Func<string, CancellationToken, ValueTask<MtaStsPolicy?>> find) =>
        endpoints.MapMethods(MtaStsRecord.Path, Methods, http => AnswerAsync(http, find));

    private static async Task AnswerAsync(HttpContext http, Func<string, CancellationToken, ValueTask<MtaStsPolicy?>> find)
    {
        if (DomainOf(http.Request.Host.Host) is not { } domain || await find(domain, http.RequestAborted) is not { } found)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var policy = Encoding.ASCII.GetBytes(found.Write());
        http.Response.ContentType = "text/plain";
        http.Response.ContentLength = policy.Length;
        if (HttpMethods.IsGet(http.Request.Method)) await http.Response.Body.WriteAsync(policy, http.RequestAborted);
    }

    private static string? DomainOf(string host) =>
        host.StartsWith(HostPrefix, StringComparison.OrdinalIgnoreCase) && EmailAddress.TryNormalizeDomain(host[HostPrefix.Length..], out var domain) ? domain : null;
}
