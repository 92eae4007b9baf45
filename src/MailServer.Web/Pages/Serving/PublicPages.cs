using MailServer.Web.Listeners;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Pages.Serving;

/// <summary>
/// Serves the pages on the HTTPS ports, beside DAV. Their paths are no paths of DAV, except <c>/</c>: a browser that opens it without credentials gets the start page. A session opens
/// nothing of DAV, and DAV credentials open no page.
/// </summary>
/// <param name="pages">The pages.</param>
/// <param name="names">The host names under which pages are served. Cookies belong to a host name.</param>
/// <param name="root">The URL of this server, with a slash at the end.</param>
/// <param name="isServed">Tests whether this server has another host name, such as a hosted domain.</param>
/// <param name="other">Answers all other requests.</param>
public sealed class PublicPages(PageEndpoint pages, HostNameFilter names, string root, Func<string, CancellationToken, ValueTask<bool>> isServed, RequestDelegate other)
{
    private const string Start = "/";

    // Below these nothing but pages exists, so that a person who is not signed in sees a page and no question of DAV for a password.
    private static readonly string[] Roots = ["/sign-in", "/sign-out", "/invitation", "/me", "/admin"];

    public async Task AnswerAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (!IsPage(http.Request)) await other(http);
        else if (http.Request.Path != Start || names.Allows(http) || !await isServed(http.Request.Host.Host.TrimEnd('.').ToLowerInvariant(), http.RequestAborted)) await names.CheckAsync(http, pages.AnswerAsync);
        else http.Response.Redirect(root + http.Request.QueryString.ToUriComponent());
    }

    private static bool IsPage(HttpRequest request)
    {
        var isRead = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        if (request.Path == Start) return isRead && request.Headers.Authorization.Count == 0;
        if (!isRead && !HttpMethods.IsPost(request.Method)) return false;
        var path = request.Path.Value ?? "";
        return path == StyleSheet.Path || Roots.Any(r => path.StartsWith(r, StringComparison.Ordinal) && (path.Length == r.Length || path[r.Length] == '/'));
    }
}
