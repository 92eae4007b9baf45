using MailServer.Domain;
using MailServer.Web.Pages;
using MailServer.Web.Pages.Serving;

namespace MailServer.Tests.Pages;

/// <summary>Actions of the page that require the password again, and a list of those that do not.</summary>
public sealed class PageRouteTests
{
    private static readonly string[] Asking =
    [
        "/me/security/password", "/me/security/codes/confirm", "/me/security/codes/recovery", "/me/security/codes/end", "/me/devices/add", "/me/devices/require", "/me/forwarding/ask",
        "/admin/accounts/password", "/admin/accounts/codes", "/admin/accounts/grant", "/admin/accounts/invitation/add", "/admin/bans/allow",
    ];

    // They add no access to an account, or only remove access.
    private static readonly string[] NotAsking =
    [
        "/sign-out", "/me/security/codes/begin", "/me/devices/remove", "/me/sign-ins/end", "/me/sign-ins/end-others", "/me/sign-ins/disconnect", "/me/calendars/share", "/me/calendars/unshare", "/me/calendars/link", "/me/calendars/unlink", "/me/calendars/import", "/me/data/import",
        "/me/rules/save", "/me/rules/move", "/me/rules/switch", "/me/rules/remove", "/me/rules/apply", "/me/rules/activate", "/me/rules/include", "/me/rules/replace", "/me/out-of-office/save", "/me/out-of-office/off", "/me/forwarding/confirm", "/me/forwarding/set", "/me/forwarding/forget",
        "/admin/domains/add", "/admin/domains/remove", "/admin/domains/quota", "/admin/domains/catch-all", "/admin/domains/alias-of", "/admin/lists/add", "/admin/lists/remove", "/admin/lists/settings", "/admin/lists/members/add", "/admin/lists/members/remove", "/admin/lists/enable", "/admin/lists/disable", "/admin/domains/mta-sts", "/admin/domains/comment", "/admin/domains/enable", "/admin/domains/disable", "/admin/accounts/add", "/admin/accounts/import", "/admin/accounts/invitation/remove", "/admin/accounts/remove", "/admin/accounts/quota", "/admin/accounts/enable", "/admin/accounts/disable",
        "/admin/accounts/device", "/admin/accounts/revoke", "/admin/aliases/add", "/admin/aliases/remove", "/admin/aliases/targets/add", "/admin/aliases/targets/remove", "/admin/aliases/comment", "/admin/aliases/enable", "/admin/aliases/disable", "/admin/queue/retry", "/admin/queue/hold", "/admin/queue/release", "/admin/queue/delete", "/admin/queue/all/retry", "/admin/queue/all/hold", "/admin/queue/all/release", "/admin/queue/all/delete", "/admin/queue/pause", "/admin/queue/resume", "/admin/queue/test/send",
        "/admin/domains/dkim/rotate", "/admin/domains/dkim/activate", "/admin/domains/dkim/retire", "/admin/sessions/kick", "/admin/certificates/renew", "/admin/bans/add", "/admin/bans/remove", "/admin/bans/disallow",
        "/admin/health/rerun", "/admin/backups/run", "/admin/backups/verify", "/admin/backups/restore",
    ];

    [Fact]
    public void Every_page_is_visited_in_the_browser_test_or_named_there()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "MailServer.sln"))) folder = Path.GetDirectoryName(folder)!;
        var walk = File.ReadAllText(Path.Combine(folder, "tests", "MailServer.EndToEnd.Tests", "WebPage", "browser.mjs"));
        var pages = PageEndpoint.PathsOf(PageListener.AdminPort).Where(static p => p.Method == "GET" && !p.Path.EndsWith(".css", StringComparison.Ordinal)).Select(static p => p.Path).ToList();
        Assert.True(pages.Count > 30, $"{pages.Count} pages");
        Assert.All(pages, p => Assert.True(walk.Contains($"'{p}'", StringComparison.Ordinal) || walk.Contains($"'{p}?", StringComparison.Ordinal), p));
    }

    [Fact]
    public void Every_action_of_a_signed_in_user_asks_for_the_password_or_is_listed_as_not_needing_it()
    {
        var actions = PageRoutes.Routes(new PageSessions(Limits.Default, TimeProvider.System)).Where(static r => r.IsChange && r.Audience != PageAudience.Anyone).ToList();
        Assert.Equal(Asking.Order(StringComparer.Ordinal), actions.Where(static r => r.RequiresPassword).Select(static r => r.Path).Order(StringComparer.Ordinal));
        Assert.Equal(NotAsking.Order(StringComparer.Ordinal), actions.Where(static r => !r.RequiresPassword).Select(static r => r.Path).Order(StringComparer.Ordinal));
    }
}
