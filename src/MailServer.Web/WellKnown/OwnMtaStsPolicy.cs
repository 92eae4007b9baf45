using System.Text;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.TransportSecurity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.WellKnown;

/// <summary>
/// Serves our own MTA-STS policy for every domain that is hosted here, under the name that other servers ask for it: <c>mta-sts.</c> and the domain
/// (RFC 8461 §3.3).
/// </summary>
public static class OwnMtaStsPolicy
{
    private static readonly string HostPrefix = MtaStsRecord.HostFor("");

    public static IApplicationBuilder UseMtaStsPolicy(this IApplicationBuilder app, MtaStsPolicy policy, IDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var text = Encoding.ASCII.GetBytes(policy.Write());
        return app.Use((http, next) => http.Request.Path == MtaStsRecord.Path ? AnswerAsync(http, text, directory) : next(http));
    }

    private static async Task AnswerAsync(HttpContext http, byte[] policy, IDirectory directory)
    {
        var isGet = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
        var isOurs = DomainOf(http.Request.Host.Host) is { } domain && await directory.IsHostedAsync(domain, http.RequestAborted);
        if (!isGet || !isOurs)
        {
            http.Response.StatusCode = isGet ? StatusCodes.Status404NotFound : StatusCodes.Status405MethodNotAllowed;
            return;
        }

        http.Response.ContentType = "text/plain";
        http.Response.ContentLength = policy.Length;
        if (HttpMethods.IsGet(http.Request.Method)) await http.Response.Body.WriteAsync(policy, http.RequestAborted);
    }

    private static string? DomainOf(string host) =>
        host.StartsWith(HostPrefix, StringComparison.OrdinalIgnoreCase) && EmailAddress.TryNormalizeDomain(host[HostPrefix.Length..], out var domain) ? domain : null;
}
