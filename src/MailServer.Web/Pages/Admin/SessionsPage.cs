using MailServer.Actors.Sessions;

namespace MailServer.Web.Pages.Admin;

/// <summary>The open sessions.</summary>
internal static class SessionsPage
{
    private const string Path = "/admin/sessions";

    private static readonly ListOf<SessionDescription> List = new(Path, static s => [s.Account?.ToString(), s.Remote.ToString(), s.Client, s.Folder, s.LastCommand])
    {
        Columns =
        [
            ListColumn.Text<SessionDescription>("account", "Account", static s => s.Account?.ToString() ?? ""),
            ListColumn.Text<SessionDescription>("from", "From", static s => s.Remote.ToString()),
            ListColumn.Text<SessionDescription>("state", "State", static s => s.State),
            ListColumn.Value("last", "Last command", static (SessionDescription s) => s.LastCommandAt),
            ListColumn.Value("traffic", "Traffic", static (SessionDescription s) => s.BytesIn + s.BytesOut),
        ],
        Filters =
        [
            ListFilter.Values<SessionDescription>("service", "Service", static s => s.Listener),
            ListFilter.Fixed<SessionDescription>("user", "Signed in", new("yes", "yes", static s => s.Account is not null), new("no", "no", static s => s.Account is null)),
        ],
    };

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, static async request => PageResult.Render<SessionsView, ListPage<SessionDescription>>(
            "Sessions", List.Read(request, await request.Services.Sessions.ListAsync(null, request.Cancel)))),
        PageRoute.Post("/admin/sessions/kick", PageAudience.Administrators, static async request => await request.Services.Sessions.KickAsync(request.Field("id"), request.Cancel)
            ? request.RedirectWithNotice("The session ends after its current command. The client may reconnect.")
            : throw PageException.Invalid("That session has ended already."), Path),
    ];
}
