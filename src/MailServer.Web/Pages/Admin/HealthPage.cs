using MailServer.Domain.Health;

namespace MailServer.Web.Pages.Admin;

/// <summary>All findings of the checks with their times. Each check can be run again.</summary>
internal static class HealthPage
{
    private const string Path = "/admin/health";

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, static request => Task.FromResult(PageResult.Render<HealthView, IReadOnlyList<Finding>>("Health", request.Services.Health.Current))),
        PageRoute.Post("/admin/health/rerun", PageAudience.Administrators, RerunAsync, Path),
    ];

    private static async Task<PageResult> RerunAsync(PageRequest request)
    {
        var check = request.Field("name");
        if (!await request.Services.RerunCheck(check, request.Cancel)) throw PageException.Invalid($"There is no check “{check}”.");
        var wrong = request.Services.Health.Current.Count(f => f.NeedsAction && (f.Check == check || check == "all"));
        return request.RedirectWithNotice(wrong == 0 ? "Checked again: all well." : $"Checked again: {DisplayFormat.Count(wrong, "finding needs", "findings need")} your attention.");
    }
}
