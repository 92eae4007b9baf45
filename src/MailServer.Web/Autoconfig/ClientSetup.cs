using MailServer.Domain.Addresses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Autoconfig;

/// <summary>What clients are told about this server, and to whom. Whether an address has an account is told to nobody.</summary>
public sealed record ClientSettings
{
    public required string Hostname { get; init; }

    /// <summary>0: not served.</summary>
    public required int ImapsPort { get; init; }

    public required int ImapPort { get; init; }

    public required int SubmissionsPort { get; init; }

    public required int SubmissionPort { get; init; }

    /// <summary>Where calendars, contacts and this set-up are; 0: nowhere.</summary>
    public required int HttpsPort { get; init; }

    public required Func<string, CancellationToken, ValueTask<bool>> IsHosted { get; init; }

    /// <summary>Signs a profile with the server's certificate.</summary>
    public required Func<byte[], byte[]> Sign { get; init; }

    /// <summary>The root of HTTPS, without a slash at its end.</summary>
    public string WebRoot => HttpsPort == 443 ? $"https://{Hostname}" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"https://{Hostname}:{HttpsPort}");
}

/// <summary>
/// Sets clients up: Thunderbird's autoconfig, Outlook's autodiscover, a profile for Apple's systems, and a page with all of it for people.
/// </summary>
public static class ClientSetup
{
    private const string Xml = "text/xml; charset=utf-8";

    /// <summary>On the HTTPS ports; what is asked for otherwise goes on.</summary>
    public static void UseClientSetup(this IApplicationBuilder app, ClientSettings settings) =>
        app.Use((http, next) => AnswerAsync(http, settings, static async (visitor, address, s) =>
        {
            switch (Path(visitor))
            {
                case "/setup":
                    visitor.Response.Headers.ContentSecurityPolicy = SetupPage.Policy;
                    await WriteAsync(visitor, "text/html; charset=utf-8", SetupPage.Write(s, address));
                    return true;
                case "/setup/apple.mobileconfig":
                    visitor.Response.Headers.ContentDisposition = "attachment; filename=mail.mobileconfig";
                    visitor.Response.ContentType = "application/x-apple-aspen-config";
                    await visitor.Response.Body.WriteAsync(s.Sign(AppleProfile.Write(s, address)), visitor.RequestAborted);
                    return true;
                default:
                    return false;
            }
        }, next));

    /// <summary>On port 80, where Thunderbird looks too: nothing there is secret.</summary>
    public static Task AnswerPlainAsync(HttpContext http, ClientSettings settings, RequestDelegate next) =>
        AnswerAsync(http, settings, static (_, _, _) => Task.FromResult(false), next);

    private static async Task AnswerAsync(HttpContext http, ClientSettings settings, Func<HttpContext, EmailAddress, ClientSettings, Task<bool>> more, RequestDelegate next)
    {
        switch (Path(http))
        {
            case "/.well-known/autoconfig/mail/config-v1.1.xml" or "/mail/config-v1.1.xml":
                if (await DomainAsync(http, settings) is { } domain) await WriteAsync(http, Xml, ThunderbirdConfig.Write(settings, domain));
                else http.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            case "/autodiscover/autodiscover.xml":
                await DiscoverAsync(http, settings);
                return;
            case "/setup" or "/setup/apple.mobileconfig":
                if (EmailAddress.TryParse(http.Request.Query["email"].ToString(), out var address) && await settings.IsHosted(address.Domain, http.RequestAborted))
                {
                    if (await more(http, address, settings)) return;
                    break;
                }

                http.Response.StatusCode = StatusCodes.Status404NotFound;
                await WriteAsync(http, "text/plain; charset=utf-8", "Open this page as /setup?email=you@your.domain\n");
                return;
        }

        await next(http);
    }

    /// <summary>Of the address that is asked for, or of the host <c>autoconfig.DOMAIN</c>; null when it is none of ours.</summary>
    private static async Task<string?> DomainAsync(HttpContext http, ClientSettings settings)
    {
        const string Prefix = "autoconfig.";
        var asked = http.Request.Query["emailaddress"].ToString();
        // Thunderbird leaves %EMAILADDRESS% out or in, by version; the host says enough.
        var name = EmailAddress.TryParse(asked, out var address) ? address.Domain : http.Request.Host.Host;
        if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) name = name[Prefix.Length..];
        return EmailAddress.TryNormalizeDomain(name, out var domain) && await settings.IsHosted(domain, http.RequestAborted) ? domain : null;
    }

    private static async Task DiscoverAsync(HttpContext http, ClientSettings settings)
    {
        var asked = await OutlookDiscovery.ReadAddressAsync(http.Request.Body, http.RequestAborted);
        if (EmailAddress.TryParse(asked ?? "", out var address) && await settings.IsHosted(address.Domain, http.RequestAborted))
            await WriteAsync(http, Xml, OutlookDiscovery.Write(settings, address));
        else
            await WriteAsync(http, Xml, OutlookDiscovery.Refusal());
    }

    // Outlook writes it with capitals, by version.
    private static string Path(HttpContext http) => (http.Request.Path.Value ?? "").ToLowerInvariant();

    private static Task WriteAsync(HttpContext http, string type, string text)
    {
        http.Response.ContentType = type;
        return http.Response.WriteAsync(text, http.RequestAborted);
    }
}
