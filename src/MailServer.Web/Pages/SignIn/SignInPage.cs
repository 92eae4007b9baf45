using MailServer.Actors.Authentication;
using MailServer.Domain.Accounts;

namespace MailServer.Web.Pages.SignIn;

/// <summary>Sign-in, with a TOTP code if the account requires it, and sign-out.</summary>
internal static class SignInPage
{
    public const string SignOut = "/sign-out";

    private const string Path = "/sign-in";
    private const string Wrong = "The address, the password or the code is wrong.";

    public static IEnumerable<PageRoute> Routes(PageSessions sessions) =>
    [
        PageRoute.Get(Path, PageAudience.Anyone, static request => Task.FromResult<PageResult>(request.SignedIn is null ? Ask(ModelOf(request)) : new PageResult.SeeOther("/"))),
        PageRoute.Post(Path, PageAudience.Anyone, request => SignInAsync(request, sessions, request.Field("address").Trim(), request.Field("password"), code: null), Path),
        PageRoute.Post("/sign-in/code", PageAudience.Anyone, request => CodeAsync(request, sessions), Path),
        PageRoute.Post(SignOut, PageAudience.SignedIn, request =>
        {
            sessions.Remove(request.Cookie);
            return Task.FromResult<PageResult>(new PageResult.SeeOther(Path) { EndsSession = true });
        }, "/"),
    ];

    /// <summary>The address of the sign-in page.</summary>
    /// <param name="to">The page to open after sign-in; empty for the user's first page.</param>
    /// <param name="hasEnded">True if the browser has the cookie of a session that has ended.</param>
    public static string LocationOf(string to, bool hasEnded) => to.Length == 0 ? Path : DisplayFormat.Link(Path, FormFields.To, to) + (hasEnded ? "&ended=yes" : "");

    public static PageResult.RenderedView Ask(SignInModel model) => new("Sign in", typeof(SignInView), model);

    private static SignInModel ModelOf(PageRequest request)
    {
        var kept = request.Field(FormFields.Kept);
        return new SignInModel(
            request.Field("address"), request.Key(FormFields.To), kept,
            kept.Length > 0 ? SignInReason.FormKept : request.Query("ended") == "yes" ? SignInReason.SessionEnded : SignInReason.None);
    }

    private static Task<PageResult> CodeAsync(PageRequest request, PageSessions sessions)
    {
        // A code is only good with the password: sign-in begins again.
        (request.FormPath, request.FormAction) = (Path, Path);
        return sessions.TakePendingSignIn(request.Cookie) is var (login, password)
            ? SignInAsync(request, sessions, login, password, request.Field("code"))
            : throw PageException.Invalid("That took too long. Sign in again.");
    }

    private static async Task<PageResult> SignInAsync(PageRequest request, PageSessions sessions, string login, string password, string? code)
    {
        request.FormPath = Path;
        // No account has such a name. The text is the same for all of them.
        if (login.Length > 0 && !login.Contains('@', StringComparison.Ordinal)) throw PageException.Invalid("Sign in with your whole email address, such as ann@example.org.", "address");
        if (request.Services.Bans.IsBanned(request.Peer, signsIn: true)) throw new PageException(403, "This address is kept out for a while, after too many wrong passwords.");
        switch (await request.Services.SignIn.SignInAsync(login, password, code, request.Peer, request.Cancel))
        {
            case PageSignInResult.Accepted { Account: var account, HasCode: var hasCode }:
                if (await request.Services.Directory.FindLoginAsync(account.Address, request.Cancel) is not { } credentials) throw PageException.Invalid(Wrong, "password");
                if (request.SignedIn is not null) sessions.Remove(request.Cookie);
                return new PageResult.SeeOther("/") { NewSession = sessions.Add(NewSession(request, credentials, hasCode)) };
            case PageSignInResult.CodeNeeded:
                sessions.BeginSignIn(request.Cookie, login, password);
                return PageResult.Render<CodeView, SignInModel>("Sign in", ModelOf(request) with { Login = login });
            case PageSignInResult.Unavailable:
                throw new PageException(503, "Nobody can sign in at the moment. Try again shortly.");
            default:
                throw PageException.Invalid(Wrong, "password");
        }
    }

    private static PageSession NewSession(PageRequest request, AccountCredentials credentials, bool hasCode) =>
        new(credentials.Account.Id, credentials.Account.Address, credentials.OwnPasswordFingerprint, request.Services.Time.GetUtcNow())
        {
            HasSecondFactor = hasCode,
            Peer = request.Peer,
            Browser = BrowserName.Of(request.Http.Request.Headers.UserAgent.ToString()),
        };
}

/// <summary>Why the sign-in page is shown.</summary>
public enum SignInReason
{
    None,
    SessionEnded,

    /// <summary>A form was posted after the session had ended. It is shown again after sign-in.</summary>
    FormKept,

    /// <summary>The same, but the form is too large or has a file.</summary>
    FormLost,
}

/// <summary>The sign-in page.</summary>
/// <param name="Login">The entered address.</param>
/// <param name="To">The page to open afterwards.</param>
/// <param name="Kept">A form that was posted without a session (<see cref="KeptForm"/>); empty if none.</param>
/// <param name="Reason">Why it is shown.</param>
public sealed record SignInModel(string Login, string To, string Kept, SignInReason Reason)
{
    /// <summary>The hidden fields of the sign-in forms.</summary>
    public (string Name, string Value)[] Hidden => [.. new[] { (Name: FormFields.To, Value: To), (Name: FormFields.Kept, Value: Kept) }.Where(static f => f.Value.Length > 0)];
}
