using MailServer.Actors.Sessions;

namespace MailServer.Web.Pages.Admin;

/// <summary>The open sessions.</summary>
internal static class SessionsPage
{
    private const string Path = "/admin/sessions";

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, static async request => PageResult.Render<SessionsView, Paged<SessionDescription>>(
            "Sessions", Paged.Of<SessionDescription>(await request.Services.Sessions.ListAsync(null, request.Cancel), request.PageNumber))),
        PageRoute.Post("/admin/sessions/kick", PageAudience.Administrators, static async request => await request.Services.Sessions.KickAsync(request.Field("id"), request.Cancel)
            ? request.RedirectWithNotice("The session ends after its current command. The client may reconnect.")
            : throw PageException.Invalid("That session has ended already."), Path),
    ];
}
