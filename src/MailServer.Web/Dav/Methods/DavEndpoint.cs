using System.Collections.Frozen;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Web.Dav.Sharing;
using MailServer.Web.Listeners;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace MailServer.Web.Dav.Methods;

/// <summary>The entry point for calendars, contacts and files: authenticates, resolves the URL and calls the handler of the method.</summary>
public static partial class DavEndpoint
{
    public const string Allowed = "OPTIONS, GET, HEAD, PUT, DELETE, POST, PROPFIND, PROPPATCH, MKCOL, MKCALENDAR, COPY, MOVE, LOCK, UNLOCK, REPORT, ACL";

    /// <summary>The compliance classes in the DAV header (RFC 4918 §10.1, RFC 4791 §5.1, RFC 6352 §6.1, RFC 5689 §3.1, RFC 6638 §2, RFC 7953 §7.2).</summary>
    private const string Classes = "1, 2, 3, access-control, calendar-access, addressbook, extended-mkcol, calendar-auto-schedule, calendar-availability, calendarserver-sharing, calendarserver-principal-property-search, calendarserver-principal-search, calendar-no-timezone, calendar-managed-attachments";

    private static readonly FrozenDictionary<string, Func<DavRequest, Task>> Methods = new Dictionary<string, Func<DavRequest, Task>>(StringComparer.Ordinal)
    {
        ["GET"] = GetHandler.HandleAsync,
        ["HEAD"] = GetHandler.HandleAsync,
        ["PUT"] = PutHandler.HandleAsync,
        ["DELETE"] = DeleteHandler.HandleAsync,
        ["PROPFIND"] = PropFindHandler.HandleAsync,
        ["PROPPATCH"] = PropPatchHandler.HandleAsync,
        ["MKCOL"] = MkColHandler.HandleAsync,
        ["MKCALENDAR"] = MkCalendarHandler.HandleAsync,
        ["COPY"] = CopyMoveHandler.HandleAsync,
        ["MOVE"] = CopyMoveHandler.HandleAsync,
        ["LOCK"] = LockHandler.HandleAsync,
        ["UNLOCK"] = UnlockHandler.HandleAsync,
        ["REPORT"] = ReportHandler.HandleAsync,
        ["POST"] = PostHandler.HandleAsync,
        ["ACL"] = AclHandler.HandleAsync,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Creates the handler for all requests that no other endpoint of the listener matches.</summary>
    public static RequestDelegate Create(DavServices services) => http => HandleAsync(http, services);

    private static async Task HandleAsync(HttpContext http, DavServices services)
    {
        // The pages have the same origin, so nothing that is stored here may run a script or send a form there.
        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers["DAV"] = services.Vapid is null ? Classes : Classes + ", webdav-push";
        if (http.Request.Method == "OPTIONS")
        {
            http.Response.Headers.Allow = Allowed;
            return;
        }

        try
        {
            if (await SecretLinkEndpoint.TryAnswerAsync(http, services)) return;
            if (await BasicAuthentication.AuthenticateAsync(http, services) is not { } account) return;
            http.SetUser(account.Address);
            await DispatchAsync(http, services, account);
        }
        catch (DavException refused) when (!http.Response.HasStarted)
        {
            await DavResponse.SendErrorAsync(http, refused);
        }
        catch (DirectoryException away) when (away.IsTemporary && !http.Response.HasStarted)
        {
            http.Response.Headers.RetryAfter = "10";
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
        catch (BadHttpRequestException bad) when (!http.Response.HasStarted)
        {
            await DavResponse.SendErrorAsync(http, new DavException(bad.StatusCode, bad.Message));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client disconnected.
        }
        catch (DavException late)
        {
            LogBroken(services.Log, http.Request.Method, late.Message);
            http.Abort();
        }
    }

    private static async Task DispatchAsync(HttpContext http, DavServices services, Account account)
    {
        if (!Methods.TryGetValue(http.Request.Method, out var handle))
        {
            http.Response.Headers.Allow = Allowed;
            throw new DavException(http.Request.Method is "PATCH" ? 405 : 501, "the method is not supported");
        }

        var path = DavUrl.PathOf(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        if (path is null || !DavUrl.TryParse(path, services.Limits, out var target)) throw DavException.NotFound();
        var request = new DavRequest(http, services, account, target, await OwnerAsync(services, account, target, http.RequestAborted));
        try
        {
            await handle(request);
        }
        catch (DavException denied) when (denied.Condition == DavException.NeedPrivileges && denied.Details.Count == 0 && !http.Response.HasStarted)
        {
            throw await MissingPrivileges.DescribeAsync(request);
        }
    }

    /// <summary>
    /// The owner of the target. Of other accounts, only the principals of the same domain and shared collections are visible; anything else returns 404,
    /// whether it exists or not.
    /// </summary>
    private static async ValueTask<Account> OwnerAsync(DavServices services, Account account, DavTarget target, CancellationToken cancel)
    {
        var owner = target switch
        {
            DavTarget.StoredResource member => member.Address,
            DavTarget.Principal principal => principal.Address,
            DavTarget.Notifications notifications => notifications.Address,
            DavTarget.Attachment attachment => attachment.Address,
            DavTarget.Subscription subscription => subscription.Address,
            _ => account.Address,
        };
        if (owner.Equals(account.Address)) return account;
        var mayBeOthers = target is DavTarget.Subscription or DavTarget.Attachment or DavTarget.StoredResource { Path: { IsHome: false, Space: not CollectionSpace.Files } }
            || (target is DavTarget.Principal && owner.Domain == account.Address.Domain);
        return mayBeOthers && await PrincipalResolver.FindAsync(services, owner, cancel) is { } found && found.Address.Equals(owner) ? found : throw DavException.NotFound();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "DAV response to {Method} was aborted: {Reason}")]
    private static partial void LogBroken(ILogger logger, string method, string reason);
}
