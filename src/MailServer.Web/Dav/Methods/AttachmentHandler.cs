using System.Net.Http.Headers;
using System.Security.Cryptography;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using Microsoft.AspNetCore.Http;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Web.Dav.Methods;

/// <summary>
/// Managed attachments (RFC 8607 §3.3): POST to a calendar object with <c>action=attachment-add</c>, <c>-update</c> or <c>-remove</c>. The file and the
/// calendar object are stored in one transaction.
/// </summary>
internal static class AttachmentHandler
{
    private const int LongestName = 200;

    public static async Task HandleAsync(DavRequest request, string action)
    {
        var query = request.Http.Request.Query;
        var managed = query["managed-id"].ToString();
        string[] instances = query["rid"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (action is not ("attachment-add" or "attachment-update" or "attachment-remove")) throw DavException.Forbidden(CalDav + "valid-action");
        if ((action == "attachment-add") != (managed.Length == 0)) throw DavException.Forbidden(CalDav + "valid-managed-id");
        if (action == "attachment-update" && query.ContainsKey("rid")) throw DavException.Forbidden(CalDav + "valid-rid");

        var found = await request.AskAsync<CollectionReply.ItemFound>(new CollectionRequest.Find(request.Path, WithBody: true));
        if (found.Resource is not { } entry || request.Path.Space != CollectionSpace.Calendars || !CalendarObject.TryParse(entry.Body, CalendarLimits.Default, out var calendar, out _))
            throw DavException.MethodNotAllowed("attachments belong to calendar objects");
        var known = ManagedAttachments.Of(calendar);
        if (managed.Length > 0 && !known.Contains(managed, StringComparer.Ordinal)) throw DavException.Forbidden(CalDav + "valid-managed-id");
        if (action == "attachment-add" && known.Count >= request.Limits.DavAttachments) throw DavException.Forbidden(CalDav + "max-attachments-per-resource");

        var added = action == "attachment-remove" ? null : await ReadAsync(request);
        var url = added is null ? "" : $"{request.Http.Request.Scheme}://{request.Http.Request.Host}{DavUrl.AttachmentOf(request.CollectionOwner, added.Id, added.FileName)}";
        if (!ManagedAttachments.TryRewrite(calendar, managed.Length > 0 ? managed : null, added, url, instances, out var rewritten, out var precondition))
            throw DavException.Forbidden(CalDav + precondition);
        await StoreAsync(request, entry, rewritten, added, url, isNew: action == "attachment-add");
    }

    public static async Task GetAsync(DavRequest request, DavTarget.Attachment target)
    {
        var found = await request.ReadAttachmentAsync(target.Id);
        var response = request.Http.Response;
        response.Headers.ETag = ETags.Quote(found.Attachment.Id);
        if (found.Attachment.FileName.Length > 0)
            response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileNameStar = found.Attachment.FileName }.ToString();
        await GetHandler.SendAsync(request, found.Attachment.ContentType, found.Attachment.Body, found.Attachment.Id);
    }

    private static async Task StoreAsync(DavRequest request, ResourceEntry entry, ReadOnlyMemory<byte> body, ManagedAttachment? added, string url, bool isNew)
    {
        // Fails with 412 if the object was changed after it was read.
        var conditions = request.Preconditions();
        if (conditions.IfMatch is null) conditions = conditions with { IfMatch = new ETagList(Any: false, [entry.ETag]) };
        var stored = await request.AskAsync<CollectionReply.Stored>(new CollectionRequest.Upload(request.Path, body, ContentType: null) { Conditions = conditions, Attachment = added });
        var response = request.Http.Response;
        // RFC 8607 §3.5: an update answers 200 or 204, like PUT to an existing resource.
        response.StatusCode = isNew ? StatusCodes.Status201Created : StatusCodes.Status204NoContent;
        response.Headers.ETag = ETags.Quote(stored.ETag);
        if (added is not null)
        {
            response.Headers["Cal-Managed-ID"] = added.Id;
            // RFC 8607 §3.4: the URL of the attachment, as in the event.
            response.Headers.Location = url;
        }

        await PutHandler.WriteRepresentationAsync(request, request.Path, stored);
    }

    private static async Task<ManagedAttachment> ReadAsync(DavRequest request)
    {
        var body = await request.ReadBodyAsync(request.Limits.DavAttachment, CalDav + "max-attachment-size");
        var name = ContentDispositionHeaderValue.TryParse(request.Header("Content-Disposition"), out var disposition) ? disposition.FileNameStar ?? disposition.FileName ?? "" : "";
        name = string.Concat(name.Trim('"').Where(c => !char.IsControl(c) && c is not ('/' or '\\')));
        var type = MediaTypeHeaderValue.TryParse(request.Http.Request.ContentType, out var parsed) ? parsed.ToString() : "application/octet-stream";
        return new ManagedAttachment(RandomNumberGenerator.GetHexString(32, lowercase: true), type, Shorten(name), body);
    }

    /// <summary>The end of the attachment's URL: not a step in its path, and no half of a character.</summary>
    private static string Shorten(string name)
    {
        if (name is "." or "..") return "attachment";
        if (name.Length <= LongestName) return name;
        return char.IsHighSurrogate(name[LongestName - 1]) ? name[..(LongestName - 1)] : name[..LongestName];
    }
}
