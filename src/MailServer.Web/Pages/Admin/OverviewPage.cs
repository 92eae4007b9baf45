using MailServer.Domain.Health;
using MailServer.Web.Admin;

namespace MailServer.Web.Pages.Admin;

/// <summary>An overview of the server.</summary>
internal static class OverviewPage
{
    private const string RefreshSeconds = "10";

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get("/admin", PageAudience.Administrators, async request =>
        {
            // Automatic refresh is opt-in, because it disturbs some readers.
            var live = request.Query("live") == "yes";
            if (live) request.Http.Response.Headers["Refresh"] = RefreshSeconds;
            return PageResult.Render<OverviewView, OverviewModel>("Overview", new OverviewModel(
                await request.Services.Status(request.Cancel), request.Services.Health.Current, request.Services.Activity.Read(), live));
        }),
    ];
}

/// <summary>The state of the server, the findings about it, its activity in the last hour, and whether the page refreshes automatically.</summary>
public sealed record OverviewModel(StatusDocument Status, IReadOnlyList<Finding> Findings, IReadOnlyList<ActivityMinute> Hour, bool IsLive);
