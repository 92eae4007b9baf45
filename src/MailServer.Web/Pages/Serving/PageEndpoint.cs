using System.Net;
using MailServer.Actors.Authentication;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Protocol.Dav;
using MailServer.Web.Listeners;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace MailServer.Web.Pages.Serving;

/// <summary>
/// Serves the web interface. For each request it finds the route, looks up the session cookie, checks the form token and writes the result. Errors are
/// shown as pages that reveal no internal details.
/// </summary>
public sealed partial class PageEndpoint
{
    private const int MostFields = 100;
    private static readonly string[] Subjects = ["address", "id", "name", "domain"];

    private readonly PageServices _services;
    private readonly PageSessions _sessions;
    private readonly PageRenderer _renderer;
    private readonly Dictionary<(bool IsChange, string Path), PageRoute> _routes;

    public PageEndpoint(PageServices services, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(services);
        _services = services;
        _sessions = new PageSessions(services.Limits, services.Time);
        _renderer = new PageRenderer(loggers);
        _routes = PageRoutes.Routes(_sessions).ToDictionary(static r => (r.IsChange, r.Path));
    }

    /// <summary>The method and path of every page and action.</summary>
    public static IEnumerable<(string Method, string Path)> Paths => PageRoutes.Routes(new PageSessions(Limits.Default, TimeProvider.System))
        .Select(static r => (r.IsChange ? HttpMethods.Post : HttpMethods.Get, r.Path)).Append((HttpMethods.Get, StyleSheet.Path));

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
        if (!_routes.TryGetValue((isChange, http.Request.Path.Value ?? "/"), out var route)) throw PageException.NotFound();
        var request = await ReadAsync(http, route);
        if (route.Audience != PageAudience.Anyone && request.SignedIn is null)
        {
            http.Response.Redirect("/sign-in");
            return;
        }

        if (route.Audience == PageAudience.Administrators && !request.Account.IsAdmin) throw PageException.NotFound();
        if (isChange && (!PageHeaders.IsOwnForm(http) || !_sessions.IsFormToken(request.Cookie, request.Field("token"))))
            throw new PageException(403, "This form is out of date. Open the page again, and send it from there.");
        await WriteAsync(request, await AnswerAsync(route, request));
    }

    /// <summary>Runs the route. A rejected form redirects back to its page with the reason as a notice; a rejected page is shown as an error.</summary>
    private async Task<PageResult> AnswerAsync(PageRoute route, PageRequest request)
    {
        try
        {
            if (route.ReturnPathSelector is { } from) request.ReturnPath = from(request);
            if (route.RequiresPassword) await RequirePasswordAsync(request);
            var answer = await route.Handler(request);
            if (route.IsChange && route.Audience != PageAudience.Anyone) Note(route, request);
            return answer;
        }
        catch (Exception e) when (route.IsChange && request.SignedIn is not null && Explain(e) is { } reason)
        {
            request.Session.SetNotice(new PageNotice(reason, IsError: true));
            return new PageResult.SeeOther(request.ReturnPath);
        }
        catch (DirectoryException e) when (Explain(e) is { } reason)
        {
            throw new PageException(404, reason);
        }
    }

    /// <summary>Checks the current password. Wrong passwords lead to delays and bans, as at sign-in.</summary>
    private async Task RequirePasswordAsync(PageRequest request)
    {
        switch (await _services.SignIn.ConfirmAsync(request.Account, request.Field("current"), request.Peer))
        {
            case PageSignInResult.Accepted:
                return;
            case PageSignInResult.Unavailable:
                throw PageException.Invalid("The password cannot be checked at the moment. Try again shortly.");
            default:
                throw PageException.Invalid("The current password is wrong.");
        }
    }

    private static string? Explain(Exception e) => e switch
    {
        PageException refusal => refusal.Message,
        DavException { Status: < 500 } dav => Sentence(dav.Message),
        DirectoryException { Refusal: not (DirectoryRefusal.DatabaseBusy or DirectoryRefusal.DatabaseMissing or DirectoryRefusal.DatabaseNewer or DirectoryRefusal.DatabaseUnusable) } directory =>
            Sentence(directory.Message),
        _ => null,
    };

    private static string Sentence(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..] + (text[^1] == '.' ? "" : ".");

    private void Note(PageRoute route, PageRequest request) =>
        _services.Audit.Note(new AuditEvent(_services.Time.GetUtcNow(), "page.request", request.Account.Address.ToString(), "web", request.Peer, $"{route.Path} {Subject(request)}".TrimEnd()));

    /// <summary>The subject of a form for the audit log. Other fields are not logged, because they may contain passwords.</summary>
    private static string Subject(PageRequest request)
    {
        var subject = string.Join(' ', Subjects.Select(request.Field).Where(static f => f.Length > 0));
        return subject.Length <= 200 ? subject : subject[..200];
    }

    private async Task<PageRequest> ReadAsync(HttpContext http, PageRoute route)
    {
        var (cookie, session, credentials) = await FindSessionAsync(http);
        // Nobody who is not signed in can make the server read a large form.
        var isExpected = route.IsChange && (session is not null || !route.HasFile);
        var form = isExpected ? await ReadFormAsync(http, route.HasFile ? _services.Limits.PageUpload : _services.Limits.PageForm) : FormCollection.Empty;
        return new PageRequest(http, _services, form) { ReturnPath = route.ReturnPath, Cookie = cookie ?? PageHeaders.VisitorId(http), SignedIn = session, Credentials = credentials };
    }

    private static async Task<IFormCollection> ReadFormAsync(HttpContext http, int maxSize)
    {
        if (!http.Request.HasFormContentType) throw new PageException(415, "This is no form.");
        // Files stay in memory: the web project writes nothing to the disk.
        var options = new FormOptions
        {
            ValueCountLimit = MostFields,
            KeyLengthLimit = 100,
            ValueLengthLimit = maxSize,
            BufferBodyLengthLimit = maxSize,
            MultipartBodyLengthLimit = maxSize,
            MemoryBufferThreshold = maxSize,
        };
        try
        {
            return await http.ReadFormAsync(options, maxSize);
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException or NotSupportedException || (e is IOException and not BadHttpRequestException && !http.RequestAborted.IsCancellationRequested))
        {
            throw new PageException(400, "This form cannot be read.");
        }
    }

    /// <summary>Finds the session of the cookie. The session ends if the account is disabled or its password was changed.</summary>
    private async Task<(string? Cookie, PageSession? Session, AccountCredentials? Credentials)> FindSessionAsync(HttpContext http)
    {
        if (PageHeaders.Session(http) is not { } cookie || _sessions.Find(cookie) is not { } session) return default;
        var credentials = await _services.Directory.FindLoginAsync(session.Account.Address, http.RequestAborted);
        if (session.IsValidFor(credentials)) return (cookie, session, credentials);
        _sessions.Remove(cookie);
        return default;
    }

    private async Task WriteAsync(PageRequest request, PageResult answer)
    {
        var response = request.Http.Response;
        switch (answer)
        {
            case PageResult.SeeOther other:
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
                await ShowAsync(request.Http, shown, request.Cookie, request.Credentials?.Account, request.SignedIn?.TakeNotice());
                break;
        }
    }

    private async Task ShowAsync(HttpContext http, PageResult.RenderedView shown, string cookie, Account? account, PageNotice? notice)
    {
        var page = new PageContext
        {
            Title = shown.Title,
            Hostname = _services.Hostname,
            Path = http.Request.Path.Value ?? "/",
            FormToken = _sessions.FormToken(cookie),
            Account = account,
            Notice = notice,
            StyleSheet = StyleSheet.Path,
            HasCluster = _services.Cluster is not null,
            Now = _services.Time.GetUtcNow(),
        };
        var html = await _renderer.RenderAsync(page, shown.View, shown.Model);
        http.Response.StatusCode = shown.Status;
        http.Response.ContentType = "text/html; charset=utf-8";
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.WriteAsync(html, http.RequestAborted);
    }

    private async Task FailAsync(HttpContext http, Exception e)
    {
        var (status, text) = e switch
        {
            PageException refusal => (refusal.Status, refusal.Message),
            RequestBodyException refused => (refused.StatusCode, Sentence(refused.Message)),
            BadHttpRequestException bad => (bad.StatusCode, "This request cannot be read."),
            Akka.Actor.AskTimeoutException or TimeoutException => (503, "The server is too busy to answer this now. Try again in a moment."),
            _ => (500, "Something went wrong. It is written down in the server's log."),
        };
        if (status >= 500 && e is not RequestBodyException) LogFailed(_services.Log, http.Request.Path.Value ?? "", e);
        var (cookie, session, credentials) = await FindSessionAsync(http);
        await ShowAsync(http, new PageResult.RenderedView(TitleOf(status), typeof(ErrorView), text, status), cookie ?? PageHeaders.VisitorId(http), credentials?.Account, session?.TakeNotice());
    }

    private static string TitleOf(int status) => status switch
    {
        404 => "Not found",
        403 => "Not allowed",
        >= 500 => "Out of order",
        _ => $"Not possible ({(HttpStatusCode)status})",
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "Web page {Path} failed")]
    private static partial void LogFailed(ILogger logger, string path, Exception e);
}
