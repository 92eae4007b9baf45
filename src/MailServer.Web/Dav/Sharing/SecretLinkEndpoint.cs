using System.Globalization;
using MailServer.Actors.Collections;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Dav.Sharing;

/// <summary>Serves a calendar read-only and without authentication under its secret link <c>/ics/SECRET.ics</c>.</summary>
internal static class SecretLinkEndpoint
{
    private const string Extension = ".ics";
    private const int LongestSecret = 100;

    /// <summary>Answers a request for a secret link; false if the path is not a secret link.</summary>
    public static async Task<bool> TryAnswerAsync(HttpContext http, DavServices services)
    {
        if (http.Request.Path.Value is not { } path || !path.StartsWith(DavUrl.SecretLinksRoot, StringComparison.Ordinal)) return false;
        if (http.Request.Method is not ("GET" or "HEAD"))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            http.Response.Headers.Allow = "GET, HEAD";
            return true;
        }

        var secret = path[DavUrl.SecretLinksRoot.Length..];
        if (secret.EndsWith(Extension, StringComparison.Ordinal)) secret = secret[..^Extension.Length];
        await AnswerAsync(http, services, secret);
        return true;
    }

    private static async Task AnswerAsync(HttpContext http, DavServices services, string secret)
    {
        http.Response.Headers.CacheControl = "private, no-cache";
        // The URL contains the secret, so it must not be sent to other sites as a referrer.
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        var owner = secret.Length <= LongestSecret ? CollectionSharing.OwnerOf(secret) : null;
        var account = owner is { } id ? await services.Directory.FindAccountAsync(id, http.RequestAborted) : null;
        if (account is not { Enabled: true } || await services.Sharing.OpenAsync(account.Id, secret, http.RequestAborted) is not { } calendar)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var tag = string.Create(CultureInfo.InvariantCulture, $"{calendar.Id}-{calendar.ModSeq}");
        http.Response.Headers.ETag = ETags.Quote(tag);
        if (ETags.Parse(http.Request.Headers.IfNoneMatch.ToString(), strong: false)?.Matches(tag) == true)
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        await CalendarExportResponse.WriteAsync(http, calendar, async query => await services.Collections.AskAsync(account.Id, query, http.RequestAborted) is CollectionReply.Page page
            ? page
            : throw new DavException(503, "the calendar is temporarily unavailable"));
    }
}
