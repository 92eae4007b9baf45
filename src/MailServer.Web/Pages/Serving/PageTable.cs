using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Pages.Serving;

/// <summary>The pages and actions by path.</summary>
internal sealed class PageTable
{
    private const int LongestLocation = 2_000;

    private readonly Dictionary<(bool IsChange, string Path), PageRoute> _routes;

    public PageTable(PageSessions sessions, PageListener listener)
    {
        var routes = PageRoutes.Routes(sessions).Where(listener.Serves).ToList();
        _routes = routes.Concat(routes.Where(static r => r.Confirmation is not null).Select(r => ConfirmationPage.Of(r, OwnPage))).ToDictionary(static r => (r.IsChange, r.Path));
    }

    public IEnumerable<PageRoute> All => _routes.Values;

    public PageRoute? Find(bool isChange, string path) => _routes.GetValueOrDefault((isChange, path));

    /// <summary>The page of a location, if the account of the request may open it.</summary>
    public PageRoute? PageAt(PageRequest request, string location) =>
        Find(false, PathOf(location)) is { } page && (page.Audience == PageAudience.Anyone || (request.Credentials is not null && (page.Audience != PageAudience.Administrators || request.MayAdminister)))
            ? page
            : null;

    /// <summary>A location that the browser sent, if it is a page that the account may open; otherwise null. Nothing else is ever redirected to.</summary>
    public string? OwnPage(PageRequest request, string location) =>
        location.Length is > 0 and < LongestLocation && location[0] == '/' && location.All(static c => c is > ' ' and <= '~') && PageAt(request, location) is not null ? location : null;

    public static string PathOf(string location)
    {
        var mark = location.IndexOf('?', StringComparison.Ordinal);
        return mark < 0 ? location : location[..mark];
    }

    public static string MethodOf(PageRoute route) => route.IsChange ? HttpMethods.Post : HttpMethods.Get;
}
