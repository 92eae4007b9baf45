using MailServer.Domain.Addresses;
using MailServer.Web.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Autoconfig;

/// <summary>The settings that clients need to connect to this server. They are published for hosted domains; the existence of an account is not revealed.</summary>
public sealed record ClientSettings
{
    public required string Hostname { get; init; }

    /// <summary>0 if not served. The same holds for the other ports.</summary>
    public required int ImapsPort { get; init; }

    public required int ImapPort { get; init; }

    public int ManagesievePort { get; init; }

    public required int SubmissionsPort { get; init; }

    public required int SubmissionPort { get; init; }

    /// <summary>The port of calendars, contacts and the setup page; 0 if not served.</summary>
    public required int HttpsPort { get; init; }

    public required Func<string, CancellationToken, ValueTask<bool>> IsHosted { get; init; }

    /// <summary>The largest autodiscover request in octets.</summary>
    public required int MaxRequest { get; init; }

    /// <summary>Signs a configuration profile with the server's certificate.</summary>
    public required Func<byte[], byte[]> Sign { get; init; }

    /// <summary>The base URL of HTTPS, without a trailing slash.</summary>
    public string WebRoot => RootOf(Hostname, HttpsPort);

    /// <summary>The URL of a host and port, without the port if it is the usual one.</summary>
    public static string RootOf(string hostname, int port) =>
        port == 443 ? $"https://{hostname}" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"https://{hostname}:{port}");
}

/// <summary>
/// Client setup: Thunderbird autoconfig, Outlook autodiscover, configuration profiles for Apple devices, and the way to the page with instructions for users.
/// </summary>
public static class ClientSetupEndpoints
{
    private const string Xml = "text/xml; charset=utf-8";
    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];
    private static readonly string[] Discover = [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post];

    /// <summary>Maps the discovery URLs, which clients also request on port 80. The responses contain no secrets.</summary>
    public static void MapDiscovery(this IEndpointRouteBuilder endpoints, ClientSettings settings)
    {
        endpoints.MapMethods("/.well-known/autoconfig/mail/config-v1.1.xml", Read, http => ConfigureAsync(http, settings));
        endpoints.MapMethods("/mail/config-v1.1.xml", Read, http => ConfigureAsync(http, settings));
        endpoints.MapMethods("/autodiscover/autodiscover.xml", Discover, http => DiscoverAsync(http, settings));
    }

    /// <summary>Maps the profile, and a short path to the start page for an address. They are only served over HTTPS.</summary>
    public static void MapSetup(this IEndpointRouteBuilder endpoints, ClientSettings settings)
    {
        endpoints.MapMethods("/setup", Read, http => ForAddressAsync(http, settings, address =>
        {
            http.Response.StatusCode = StatusCodes.Status303SeeOther;
            http.Response.Headers.Location = "/?email=" + Uri.EscapeDataString(address.ToString());
            return Task.CompletedTask;
        }));
        endpoints.MapMethods("/setup/apple.mobileconfig", Read, http => ForAddressAsync(http, settings, async address =>
        {
            http.Response.Headers.ContentDisposition = "attachment; filename=mail.mobileconfig";
            http.Response.ContentType = "application/x-apple-aspen-config";
            await http.Response.Body.WriteAsync(settings.Sign(AppleProfile.Write(settings, address)), http.RequestAborted);
        }));
    }

    private static async Task ForAddressAsync(HttpContext http, ClientSettings settings, Func<EmailAddress, Task> answer)
    {
        if (EmailAddress.TryParse(http.Request.Query["email"].ToString(), out var address) && await settings.IsHosted(address.Domain, http.RequestAborted))
        {
            await answer(address);
            return;
        }

        http.Response.StatusCode = StatusCodes.Status404NotFound;
        await WriteAsync(http, "text/plain; charset=utf-8", "Open this page as /setup?email=you@your.domain\n");
    }

    private static async Task ConfigureAsync(HttpContext http, ClientSettings settings)
    {
        if (await DomainAsync(http, settings) is { } domain) await WriteAsync(http, Xml, ThunderbirdConfig.Write(settings, domain));
        else http.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    /// <summary>The domain of the requested address, or of the host <c>autoconfig.DOMAIN</c>; null if it is not hosted here.</summary>
    private static async Task<string?> DomainAsync(HttpContext http, ClientSettings settings)
    {
        const string Prefix = "autoconfig.";
        var requested = http.Request.Query["emailaddress"].ToString();
        // Some versions of Thunderbird omit the address or send %EMAILADDRESS% literally; the host name is then sufficient.
        var name = EmailAddress.TryParse(requested, out var address) ? address.Domain : http.Request.Host.Host;
        if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) name = name[Prefix.Length..];
        return EmailAddress.TryNormalizeDomain(name, out var domain) && await settings.IsHosted(domain, http.RequestAborted) ? domain : null;
    }

    private static async Task DiscoverAsync(HttpContext http, ClientSettings settings)
    {
        using var body = new MemoryStream(await http.ReadBodyAsync(settings.MaxRequest), writable: false);
        var requested = OutlookAutodiscover.ReadAddress(body);
        if (EmailAddress.TryParse(requested ?? "", out var address) && await settings.IsHosted(address.Domain, http.RequestAborted))
            await WriteAsync(http, Xml, OutlookAutodiscover.Write(settings, address));
        else
            await WriteAsync(http, Xml, OutlookAutodiscover.Refusal());
    }

    private static Task WriteAsync(HttpContext http, string type, string text)
    {
        http.Response.ContentType = type;
        return http.Response.WriteAsync(text, http.RequestAborted);
    }
}
