using System.Globalization;
using MailServer.Actors.Collections;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using MailServer.Web.Dav.Methods;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Dav.Sharing;

/// <summary>A calendar for who knows its secret link, without a password: <c>/ics/SECRET.ics</c>. It can only be read.</summary>
internal static class SecretLink
{
    private const string Extension = ".ics";
    private const int LongestSecret = 100;

    /// <summary>False when the request is for something else.</summary>
    public static async Task<bool> TryAnswerAsync(HttpContext http, DavServices services)
    {
        if (http.Request.Path.Value is not { } path || !path.StartsWith(DavUrl.LinksRoot, StringComparison.Ordinal)) return false;
        if (http.Request.Method is not ("GET" or "HEAD"))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            http.Response.Headers.Allow = "GET, HEAD";
            return true;
        }

        var secret = path[DavUrl.LinksRoot.Length..];
        if (secret.EndsWith(Extension, StringComparison.Ordinal)) secret = secret[..^Extension.Length];
        await AnswerAsync(http, services, secret);
        return true;
    }

    private static async Task AnswerAsync(HttpContext http, DavServices services, string secret)
    {
        http.Response.Headers.CacheControl = "private, no-cache";
        // The address is the secret: it goes to no other site.
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

        await CalendarFile.WriteAsync(http, calendar, async query => await services.Collections.AskAsync(account.Id, query, http.RequestAborted) is CollectionReply.Page page
            ? page
            : throw new DavException(503, "the calendar cannot be read now"));
    }
}
