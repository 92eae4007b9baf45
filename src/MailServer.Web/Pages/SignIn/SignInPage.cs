using MailServer.Actors.Authentication;

namespace MailServer.Web.Pages.SignIn;

/// <summary>Sign-in, with a TOTP code if the account requires it, and sign-out.</summary>
internal static class SignInPage
{
    private const string Wrong = "The address, the password or the code is wrong.";

    public static IEnumerable<PageRoute> Routes(PageSessions sessions) =>
    [
        PageRoute.Get("/", PageAudience.SignedIn, static request => Task.FromResult<PageResult>(new PageResult.SeeOther(request.Account.IsAdmin ? "/admin" : "/me"))),
        PageRoute.Get("/sign-in", PageAudience.Anyone, static request => Task.FromResult(
            request.SignedIn is null ? Ask(new SignInModel("", null)) : new PageResult.SeeOther("/"))),
        PageRoute.Post("/sign-in", PageAudience.Anyone, request => SignInAsync(request, sessions, request.Field("address").Trim(), request.Field("password"), code: null), "/sign-in"),
        PageRoute.Post("/sign-in/code", PageAudience.Anyone, request => CodeAsync(request, sessions), "/sign-in"),
        PageRoute.Post("/sign-out", PageAudience.SignedIn, request =>
        {
            sessions.Remove(request.Cookie);
            PageHeaders.EndSession(request.Http);
            return Task.FromResult<PageResult>(new PageResult.SeeOther("/sign-in"));
        }, "/"),
    ];

    private static Task<PageResult> CodeAsync(PageRequest request, PageSessions sessions) => sessions.TakePendingSignIn(request.Cookie) is var (login, password)
        ? SignInAsync(request, sessions, login, password, request.Field("code"))
        : Task.FromResult(Ask(new SignInModel("", "That took too long. Sign in again.")));

    private static async Task<PageResult> SignInAsync(PageRequest request, PageSessions sessions, string login, string password, string? code)
    {
        if (request.Services.Bans.IsBanned(request.Peer, signsIn: true)) throw new PageException(403, "This address is kept out for a while, after too many wrong passwords.");
        switch (await request.Services.SignIn.SignInAsync(login, password, code, request.Peer, request.Cancel))
        {
            case PageSignInResult.Accepted { Account: var account }:
                if (await request.Services.Directory.FindLoginAsync(account.Address, request.Cancel) is not { } credentials) return Ask(new SignInModel(login, Wrong));
                if (request.SignedIn is not null) sessions.Remove(request.Cookie);
                PageHeaders.SetSession(request.Http, sessions.Add(new PageSession(account, credentials.OwnPasswordFingerprint, request.Services.Time.GetUtcNow())));
                return new PageResult.SeeOther("/");
            case PageSignInResult.CodeNeeded:
                sessions.BeginSignIn(request.Cookie, login, password);
                return PageResult.Render<CodeView, SignInModel>("Sign in", new SignInModel(login, null));
            case PageSignInResult.Unavailable:
                throw new PageException(503, "Nobody can sign in at the moment. Try again shortly.");
            default:
                return Ask(new SignInModel(login, Wrong));
        }
    }

    private static PageResult Ask(SignInModel model) => PageResult.Render<SignInView, SignInModel>("Sign in", model);
}

/// <summary>The entered address and the error, if any.</summary>
public sealed record SignInModel(string Login, string? Fault);
