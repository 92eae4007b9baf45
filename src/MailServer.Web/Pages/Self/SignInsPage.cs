using System.Net;
using MailServer.Actors.Sessions;
using MailServer.Domain.Access;

namespace MailServer.Web.Pages.Self;

/// <summary>The user's open sessions, which can be ended, and the history of sign-ins.</summary>
internal static class SignInsPage
{
    private const string Path = "/me/sign-ins";
    private const string Ended = "That session has ended already.";

    // Other events of the account are between them.
    private const int MostEvents = 2_000;
    private const string Prefix = "sign-in.";

    public static IEnumerable<PageRoute> Routes(PageSessions sessions) =>
    [
        PageRoute.Get(Path, PageAudience.SignedIn, request => ShowAsync(request, sessions)),
        PageRoute.Post("/me/sign-ins/end", PageAudience.SignedIn, request => Task.FromResult(sessions.End(request.Account.Id, request.Field("id"))
            ? request.RedirectWithNotice("The browser is signed out.")
            : throw PageException.Invalid(Ended)), Path),
        PageRoute.Post("/me/sign-ins/end-others", PageAudience.SignedIn, request => Task.FromResult(sessions.EndOthers(request.Account.Id, request.Session) > 0
            ? request.RedirectWithNotice("Every other browser is signed out.")
            : request.RedirectUnchanged("no other browser is signed in")), Path),
        PageRoute.Post("/me/sign-ins/disconnect", PageAudience.SignedIn, DisconnectAsync, Path),
    ];

    private static async Task<PageResult> ShowAsync(PageRequest request, PageSessions sessions)
    {
        var browsers = sessions.ListOf(request.Account.Id).Where(s => s.Session.IsValidFor(request.Credentials)).Select(s => new OpenBrowser(
            s.Id, s.Session.Browser, s.Session.Peer, s.Session.StartedAt, s.Session.LastUsedAt, s.Session == request.SignedIn));
        var history = request.Services.ReadAuditOf(request.Account.Address.ToString(), MostEvents).Where(static e => e.Kind.StartsWith(Prefix, StringComparison.Ordinal)).Reverse().ToList();
        return PageResult.Render<SignInsView, SignInsModel>("Sign-ins and sessions", new SignInsModel(
            [.. browsers], await ProgramsAsync(request), Paged.Of<AuditEvent>(history, request.PageNumber)));
    }

    private static async Task<PageResult> DisconnectAsync(PageRequest request)
    {
        var id = request.Field("id");
        // The id may be that of another account's session.
        if (!(await ProgramsAsync(request)).Any(s => s.Id == id) || !await request.Services.Sessions.KickAsync(id, request.Cancel)) throw PageException.Invalid(Ended);
        return request.RedirectWithNotice("The program is disconnected. It may connect again: to keep it out, revoke the password of its device, or change yours.");
    }

    private static Task<IReadOnlyList<SessionDescription>> ProgramsAsync(PageRequest request) => request.Services.Sessions.ListAsync(request.Account.Id, request.Cancel);
}

/// <summary>A browser that is signed in.</summary>
public sealed record OpenBrowser(string Id, string Name, IPAddress? Peer, DateTimeOffset StartedAt, DateTimeOffset LastUsedAt, bool IsThis);

/// <summary>The sessions of browsers and mail programs, and the newest sign-ins.</summary>
public sealed record SignInsModel(IReadOnlyList<OpenBrowser> Browsers, IReadOnlyList<SessionDescription> Programs, Paged<AuditEvent> History)
{
    /// <summary>What a sign-in was for.</summary>
    public static string Service(AuditEvent signIn)
    {
        ArgumentNullException.ThrowIfNull(signIn);
        return signIn.Actor switch
        {
            "mail" => "Mail: reading",
            "submit" => "Mail: sending",
            "dav" => "Calendars and contacts",
            _ => "This page",
        };
    }

    /// <summary>How a sign-in ended: a kind of badge and a text.</summary>
    public static (string Kind, string Text) Outcome(AuditEvent signIn)
    {
        ArgumentNullException.ThrowIfNull(signIn);
        return signIn.Kind switch
        {
            "sign-in.ok" => ("good", "Signed in"),
            "sign-in.expired" => ("bad", "Password expired"),
            "sign-in.other-network" => ("bad", "Network not allowed"),
            "sign-in.wrong-code" => ("bad", "Wrong code"),
            _ => ("bad", "Failed"),
        };
    }
}
