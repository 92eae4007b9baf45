using System.Net;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Web.Listeners;
using MailServer.Web.Pages.Self;
using MailServer.Web.Pages.SignIn;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MailServer.Web.Pages.Serving;

/// <summary>
/// Serves the web interface. For each request it finds the route, looks up the session cookie, checks the form token and writes the result. Errors are
/// shown as pages that reveal no internal details.
/// </summary>
public sealed partial class PageEndpoint
{
    private readonly PageServices _services;
    private readonly PageListener _listener;
    private readonly PageSessions _sessions;
    private readonly PageRenderer _renderer;
    private readonly PageTable _pages;
    private readonly PageActions _actions;

    /// <param name="services">The services of the node.</param>
    /// <param name="sessions">The sessions, which all listeners share.</param>
    /// <param name="listener">Which pages are served.</param>
    /// <param name="loggers">Creates the logger of the components.</param>
    public PageEndpoint(PageServices services, PageSessions sessions, PageListener listener, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(services);
        (_services, _sessions, _listener) = (services, sessions, listener);
        _renderer = new PageRenderer(loggers);
        _pages = new PageTable(_sessions, listener);
        _actions = new PageActions(services, _sessions, _pages);
    }

    /// <summary>The method and path of every page and action of a listener.</summary>
    public static IEnumerable<(string Method, string Path)> PathsOf(PageListener listener) => new PageTable(new PageSessions(Limits.Default, TimeProvider.System), listener).All
        .Select(static r => (PageTable.MethodOf(r), r.Path)).Append((HttpMethods.Get, StyleSheet.Path));

    public async Task AnswerAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        PageHeaders.Set(http);
        if (http.Request.Path == StyleSheet.Path)
        {
            http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
            http.Response.ContentType = "text/css; charset=utf-8";
            await http.Response.Body.WriteAsync(StyleSheet.Content, http.RequestAborted);
            return;
        }

        try
        {
            await RouteAsync(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client disconnected.
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await FailAsync(http, e);
        }
    }

    private async Task RouteAsync(HttpContext http)
    {
        var isChange = HttpMethods.IsPost(http.Request.Method);
        if (!isChange && !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method)) throw new PageException(405, "This cannot be done here.");
        var path = http.Request.Path.Value ?? "/";
        if (_pages.Find(isChange, path) is not { } route)
        {
            // Somebody opens the address of a rejected form again.
            if (isChange || _pages.Find(true, path) is not { } action) throw PageException.NotFound();
            http.Response.StatusCode = StatusCodes.Status303SeeOther;
            http.Response.Headers.Location = action.ReturnPath;
            return;
        }

        var request = await ReadAsync(http, route);
        if (route.Audience != PageAudience.Anyone && request.SignedIn is null)
        {
            await AskToSignInAsync(request, route);
            return;
        }

        if (route.Audience == PageAudience.Administrators && !request.MayAdminister) throw request.Account.IsAdmin ? SecondFactorMissing() : PageException.NotFound();
        if (isChange && (!PageHeaders.IsOwnForm(http) || !FormToken.IsValid(request.Cookie, request.Field(FormFields.Token))))
        {
            if (!PageHeaders.IsCertainlyOwnForm(http)) throw new PageException(403, "This form is out of date. Open the page again, and send it from there.");
            var (again, kept) = await _actions.ShowAgainAsync(route, request, [new FieldError(null, "This form was out of date, because you signed in again. Check it, and send it once more.")], 403);
            await WriteAsync(request, again, kept);
            return;
        }

        if (isChange)
        {
            var (result, rejected) = await _actions.RunAsync(route, request);
            await WriteAsync(request, result, rejected);
        }
        else
        {
            await WriteAsync(request, await ShowAsync(route, request), null);
        }
    }

    private static async Task<PageResult> ShowAsync(PageRoute route, PageRequest request)
    {
        try
        {
            return await route.Handler(request);
        }
        catch (DirectoryException e) when (PageActions.Explain(e) is { } reason)
        {
            throw new PageException(404, reason);
        }
    }

    /// <summary>Asks to sign in, and remembers the page and the form for afterwards.</summary>
    private async Task AskToSignInAsync(PageRequest request, PageRoute route)
    {
        var hadSession = PageHeaders.Session(request.Http) is not null;
        if (!route.IsChange || route.Path == SignInPage.SignOut || !PageHeaders.IsOwnForm(request.Http))
        {
            var to = !route.IsChange && request.Location != "/" ? request.Location : "";
            request.Http.Response.StatusCode = StatusCodes.Status303SeeOther;
            request.Http.Response.Headers.Location = SignInPage.LocationOf(to, hadSession && to.Length > 0);
            return;
        }

        var from = request.Field(FormFields.From) is { Length: > 0 } page ? page : route.ReturnPath;
        var kept = request.Posted.Count > 0 ? KeptForm.Encode(route.Path, from, request.Posted) : "";
        var view = SignInPage.Ask(new SignInModel("", from, kept, kept.Length > 0 ? SignInReason.FormKept : SignInReason.FormLost));
        await WriteAsync(request, view with { Status = StatusCodes.Status403Forbidden }, null);
    }

    private async Task<PageRequest> ReadAsync(HttpContext http, PageRoute route)
    {
        var (cookie, session, credentials) = await FindSessionAsync(http);
        if (session is not null) http.SetUser(session.Address);
        // Nobody who is not signed in can make the server read a large form.
        var isExpected = route.IsChange && (session is not null || !route.HasFile);
        var form = isExpected ? await FormReader.ReadAsync(http, route.HasFile ? _services.Limits.PageUpload : _services.Limits.PageForm) : FormCollection.Empty;
        return new PageRequest(http, _services, _listener, form) { ReturnPath = route.ReturnPath, Cookie = cookie ?? PageHeaders.VisitorId(http), SignedIn = session, Credentials = credentials };
    }

    /// <summary>Finds the session of the cookie. The session ends if the account is disabled or its password was changed.</summary>
    private async Task<(string? Cookie, PageSession? Session, AccountCredentials? Credentials)> FindSessionAsync(HttpContext http)
    {
        // A page that refreshes itself does not show that somebody is there.
        var isUse = http.Request.Query["live"] != "yes";
        return PageHeaders.Session(http) is { } cookie ? await FindSessionAsync(http, cookie, isUse) : default;
    }

    private async Task<(string? Cookie, PageSession? Session, AccountCredentials? Credentials)> FindSessionAsync(HttpContext http, string cookie, bool isUse)
    {
        if (_sessions.Find(cookie, isUse) is not { } session) return default;
        var credentials = await _services.Directory.FindLoginAsync(session.Address, http.RequestAborted);
        if (session.IsValidFor(credentials)) return (cookie, session, credentials);
        _sessions.Remove(cookie);
        return default;
    }

    private async Task WriteAsync(PageRequest request, PageResult answer, RejectedForm? rejected)
    {
        var response = request.Http.Response;
        switch (answer)
        {
            case PageResult.SeeOther { NewSession: { } cookie } other:
                await ContinueAsync(request, other, cookie);
                break;
            case PageResult.SeeOther other:
                if (other.EndsSession) PageHeaders.EndSession(request.Http);
                if (other.Notice is { } notice) request.SignedIn?.SetNotice(notice);
                response.StatusCode = StatusCodes.Status303SeeOther;
                response.Headers.Location = other.Path;
                break;
            case PageResult.Download file:
                response.ContentType = file.Type;
                response.Headers.ContentDisposition = $"attachment; filename={file.Name}";
                await response.Body.WriteAsync(file.Content, request.Cancel);
                break;
            case PageResult.StreamedDownload file:
                response.ContentType = file.Type;
                response.Headers.ContentDisposition = $"attachment; filename={file.Name}";
                if (!HttpMethods.IsHead(request.Http.Request.Method)) await file.WriteAsync(response.Body);
                break;
            case PageResult.RenderedView shown:
                await RenderAsync(request, shown, rejected);
                break;
        }
    }

    /// <summary>After a sign-in: shows the form that was posted without a session, or opens the page that was asked for.</summary>
    private async Task ContinueAsync(PageRequest request, PageResult.SeeOther other, string cookie)
    {
        PageHeaders.SetSession(request.Http, cookie);
        var (_, session, credentials) = await FindSessionAsync(request.Http, cookie, isUse: true);
        var own = new PageRequest(request.Http, _services, _listener, FormCollection.Empty) { Cookie = cookie, SignedIn = session, Credentials = credentials };
        if (KeptForm.TryDecode(request.Field(FormFields.Kept), out var form) && _pages.OwnPage(own, form.From) is { } from && await _actions.TryRenderAsync(own, from) is { } view)
        {
            await RenderAsync(own, view, new RejectedForm(form.Action, form.Values, []));
            return;
        }

        request.Http.Response.StatusCode = StatusCodes.Status303SeeOther;
        request.Http.Response.Headers.Location = _pages.OwnPage(own, request.Field(FormFields.To)) ?? other.Path;
    }

    private async Task RenderAsync(PageRequest request, PageResult.RenderedView shown, RejectedForm? rejected)
    {
        var http = request.Http;
        var location = shown.Location ?? request.Location;
        var isOwn = request.Credentials is not null && location.StartsWith("/me", StringComparison.Ordinal);
        var page = new PageContext
        {
            Title = shown.Title,
            Hostname = _services.Hostname,
            Path = PageTable.PathOf(location),
            Location = location,
            NewFormToken = () => FormToken.New(request.Cookie),
            Account = request.Credentials?.Account,
            MayAdminister = request.MayAdminister,
            Notice = request.SignedIn?.TakeNotice(),
            Banner = isOwn ? await OutOfOfficePage.BannerAsync(request) : null,
            Rejected = rejected,
            IsError = rejected?.Errors.Count > 0 || (shown.View == typeof(ErrorView) && shown.Status == StatusCodes.Status422UnprocessableEntity),
            StyleSheet = StyleSheet.Path,
            HasCluster = _services.Cluster is not null,
            Now = _services.Time.GetUtcNow(),
        };
        var html = await _renderer.RenderAsync(page, shown.View, shown.Model);
        http.Response.StatusCode = shown.Status;
        http.Response.ContentType = "text/html; charset=utf-8";
        if (!HttpMethods.IsHead(http.Request.Method)) await PageCompression.WriteAsync(http, html, mayCompress: request.SignedIn is not null && !shown.HasSecret);
    }

    private async Task FailAsync(HttpContext http, Exception e)
    {
        var (status, text) = e switch
        {
            PageException refusal => (refusal.Status, refusal.Message),
            RequestBodyException refused => (refused.StatusCode, PageActions.Sentence(refused.Message)),
            BadHttpRequestException bad => (bad.StatusCode, "This request cannot be read."),
            Akka.Actor.AskTimeoutException or TimeoutException => (503, "The server is too busy to answer this now. Try again in a moment."),
            _ => (500, "Something went wrong. It is written down in the server's log."),
        };
        if (status >= 500 && e is not RequestBodyException) LogFailed(_services.Log, http.Request.Path.Value ?? "", e);
        var (cookie, session, credentials) = await FindSessionAsync(http);
        if (session is not null) http.SetUser(session.Address);
        var request = new PageRequest(http, _services, _listener, FormCollection.Empty) { Cookie = cookie ?? PageHeaders.VisitorId(http), SignedIn = session, Credentials = credentials };
        await RenderAsync(request, new PageResult.RenderedView(TitleOf(status), typeof(ErrorView), text, status), null);
    }

    private static PageException SecondFactorMissing() => new(
        403,
        "On this port the pages for administrators need a second factor. Turn codes on at the admin port or with “mailserver user totp enable”, then sign in here again with a code.");

    private static string TitleOf(int status) => status switch
    {
        404 => "Not found",
        403 => "Not allowed",
        >= 500 => "Server error",
        _ => $"Not possible ({(HttpStatusCode)status})",
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "Web page {Path} failed")]
    private static partial void LogFailed(ILogger logger, string path, Exception e);
}
