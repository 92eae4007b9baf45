using System.Buffers;
using System.Globalization;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Contacts;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using MailServer.Web.Dav.Sharing;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Dav.Methods;

/// <summary>GET and HEAD (RFC 9110 §9.3.1): returns the resource as it was stored, octet for octet; of a calendar all events, of another collection a page for people.</summary>
internal static class GetHandler
{
    public static async Task HandleAsync(DavRequest request)
    {
        if (request.Target is not DavTarget.StoredResource)
        {
            await AnswerFixedAsync(request);
            return;
        }

        var found = await request.AskAsync<CollectionReply.ItemFound>(new CollectionRequest.Find(request.Path, WithBody: true));
        if (found.Resource is not { } resource)
        {
            await (found.Collection is { Kind: CollectionKind.Calendar } calendar ? CalendarExportResponse.AnswerAsync(request, calendar) : CollectionPage.AnswerAsync(request, found.Collection!));
            return;
        }

        if (request.HasSlash) throw DavException.NotFound();

        var response = request.Http.Response;
        response.Headers.ETag = ETags.Quote(resource.ETag);
        if (resource.ScheduleTag is { } tag) response.Headers["Schedule-Tag"] = ETags.Quote(tag);
        response.Headers.LastModified = resource.Modified.ToString("R", CultureInfo.InvariantCulture);
        var conditions = request.Preconditions();
        if (conditions.IfMatch?.Matches(resource.ETag) == false) throw new DavException(412, "the resource was changed");
        if (conditions.IfNoneMatch?.Matches(resource.ETag) == true)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var body = request.Path.Space switch
        {
            CollectionSpace.AddressBooks => Convert(request, resource),
            CollectionSpace.Calendars when request.OmitsTimeZones => StandardTimeZones.RemoveDefinitions(resource.Body),
            CollectionSpace.Calendars when request.RequiresTimeZones => StandardTimeZones.AddDefinitions(resource.Body),
            _ => resource.Body,
        };
        await SendAsync(request, resource.ContentType, body, resource.ETag);
    }

    private static Task AnswerFixedAsync(DavRequest request) => request.Target switch
    {
        DavTarget.Notifications { Name: { } name } => NotificationCollection.GetAsync(request, name),
        DavTarget.Attachment attachment => AttachmentHandler.GetAsync(request, attachment),
        DavTarget.Subscription => throw DavException.MethodNotAllowed("a subscription has no content"),
        _ => CollectionPage.AnswerAsync(request),
    };

    /// <summary>Sends the whole content or the requested byte range (RFC 9110 §14.2).</summary>
    public static async Task SendAsync(DavRequest request, string contentType, ReadOnlyMemory<byte> body, string etag)
    {
        var response = request.Http.Response;
        response.ContentType = contentType;
        response.Headers.AcceptRanges = "bytes";
        var applies = request.Header("If-Range") is not { } validator || validator == ETags.Quote(etag);
        if (applies && request.Method == "GET" && RangeHeader.TryParse(request.Header("Range"), body.Length, out var range))
        {
            response.Headers.ContentRange = RangeHeader.Describe(range, body.Length);
            response.StatusCode = range is null ? StatusCodes.Status416RangeNotSatisfiable : StatusCodes.Status206PartialContent;
            body = range is { } wanted ? body[wanted] : default;
        }

        response.ContentLength = body.Length;
        if (request.Method == "GET") await response.Body.WriteAsync(body, request.Cancel);
    }

    /// <summary>Converts a contact to the vCard version in the Accept header (RFC 6352 §5.1) if the stored version differs.</summary>
    private static ReadOnlyMemory<byte> Convert(DavRequest request, ResourceEntry resource)
    {
        request.Http.Response.Headers.Vary = "Accept";
        if (AcceptedVersion(request.Header("Accept")) is not { } version) return resource.Body;
        if (!ContactCard.TryParse(resource.Body, ContactLimits.Default, out var card, out _) || card.Version == version) return resource.Body;
        var output = new ArrayBufferWriter<byte>(resource.Body.Length + 256);
        new AddressDataRequest { Version = version }.Write(card, output);
        return output.WrittenMemory;
    }

    private static VCardVersion? AcceptedVersion(string? accept)
    {
        foreach (var type in (accept ?? "").Split(','))
        {
            var parts = type.Split(';', StringSplitOptions.TrimEntries);
            if (!parts[0].Trim().Equals("text/vcard", StringComparison.OrdinalIgnoreCase)) continue;
            var version = parts.FirstOrDefault(part => part.StartsWith("version=", StringComparison.OrdinalIgnoreCase));
            if (version is not null && VCardVersions.TryRead(version["version=".Length..].Trim('"'), out var known)) return known;
        }

        return null;
    }
}
