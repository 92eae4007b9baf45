using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Pages;

/// <summary>Security headers and cookies of the web interface.</summary>
internal static class PageHeaders
{
    /// <summary>No scripts, no external resources and no framing.</summary>
    private const string Policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    private const string SessionName = "session";
    private const string VisitName = "visit";

    public static void Set(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        if (http.Request.IsHttps) headers.StrictTransportSecurity = "max-age=31536000";
    }

    public static string? Session(HttpContext http) => Read(http, SessionName);

    public static void SetSession(HttpContext http, string value) => Write(http, SessionName, value);

    public static void EndSession(HttpContext http) => http.Response.Cookies.Delete(Name(http, SessionName), Options(http));

    /// <summary>The visitor cookie, to which form tokens are bound before sign-in. It is created if it is missing.</summary>
    public static string VisitorId(HttpContext http)
    {
        if (Read(http, VisitName) is { } visit) return visit;
        var fresh = PageSessions.NewSecret();
        Write(http, VisitName, fresh);
        return fresh;
    }

    /// <summary>False for a form submitted from another site (Fetch Metadata). For browsers without Fetch Metadata only the form token protects.</summary>
    public static bool IsOwnForm(HttpContext http) => http.Request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none";

    /// <summary>True if the browser says that the form was submitted from a page of this server.</summary>
    public static bool IsCertainlyOwnForm(HttpContext http) => http.Request.Headers["Sec-Fetch-Site"] == "same-origin";

    private static string? Read(HttpContext http, string name) => http.Request.Cookies[Name(http, name)] is { Length: > 0 and < 200 } value ? value : null;

    private static void Write(HttpContext http, string name, string value) => http.Response.Cookies.Append(Name(http, name), value, Options(http));

    private static string Name(HttpContext http, string name) => IsSecure(http) ? "__Host-" + name : name;

    private static CookieOptions Options(HttpContext http) => new() { HttpOnly = true, Secure = IsSecure(http), SameSite = SameSiteMode.Strict, Path = "/" };

    // A forged header is harmless: it only makes the sender's own cookies stricter.
    private static bool IsSecure(HttpContext http) => http.Request.IsHttps || http.Request.Headers["X-Forwarded-Proto"] == "https";
}
