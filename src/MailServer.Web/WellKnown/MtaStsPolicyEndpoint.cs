using System.Text;
using MailServer.Domain.Accounts;
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

    public static void MapMtaStsPolicy(this IEndpointRouteBuilder endpoints, MtaStsPolicy policy, IDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var text = Encoding.ASCII.GetBytes(policy.Write());
        endpoints.MapMethods(MtaStsRecord.Path, Methods, http => AnswerAsync(http, text, directory));
    }

    private static async Task AnswerAsync(HttpContext http, byte[] policy, IDirectory directory)
    {
        if (DomainOf(http.Request.Host.Host) is not { } domain || !await directory.IsHostedAsync(domain, http.RequestAborted))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        http.Response.ContentType = "text/plain";
        http.Response.ContentLength = policy.Length;
        if (HttpMethods.IsGet(http.Request.Method)) await http.Response.Body.WriteAsync(policy, http.RequestAborted);
    }

    private static string? DomainOf(string host) =>
        host.StartsWith(HostPrefix, StringComparison.OrdinalIgnoreCase) && EmailAddress.TryNormalizeDomain(host[HostPrefix.Length..], out var domain) ? domain : null;
}
