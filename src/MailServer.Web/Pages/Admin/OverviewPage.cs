using MailServer.Web.Admin;

namespace MailServer.Web.Pages.Admin;

/// <summary>The server at a glance.</summary>
internal static class OverviewPage
{
    private const string RefreshSeconds = "10";

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get("/admin", PageAudience.Administrators, async request =>
        {
            // On wish alone: a page that changes under the reader is in the way of some.
            var live = request.Query("live") == "yes";
            if (live) request.Http.Response.Headers["Refresh"] = RefreshSeconds;
            return PageAnswer.Show<OverviewView, OverviewModel>("Overview", new OverviewModel(await request.Services.Status(request.Cancel), request.Services.Activity.Read(), live));
        }),
    ];
}

/// <summary>The server's state, its last hour, and whether the page renews itself.</summary>
public sealed record OverviewModel(StatusDocument Status, IReadOnlyList<Minute> Hour, bool IsLive);
