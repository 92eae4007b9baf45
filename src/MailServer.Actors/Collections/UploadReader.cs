using System.Diagnostics.CodeAnalysis;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Requests;

namespace MailServer.Actors.Collections;

/// <summary>Parses and validates uploaded resources.</summary>
internal static class UploadReader
{
    /// <summary>Converts an upload to the change that stores it.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="put">The change; null if the content is invalid.</param>
    /// <param name="invalid">The answer to invalid content; otherwise null.</param>
    public static bool TryRead(CollectionRequest.Upload upload, [NotNullWhen(true)] out CollectionRequest.Put? put, [NotNullWhen(false)] out CollectionReply.Invalid? invalid)
    {
        try
        {
            var resource = NewResourceReader.ReadUpload(upload.Path.Space, upload.Body, upload.ContentType);
            put = new CollectionRequest.Put(upload.Path, resource) { Attachment = upload.Attachment, Conditions = upload.Conditions, SuppressedSubscriptions = upload.SuppressedSubscriptions, Sharee = upload.Sharee };
            invalid = null;
            return true;
        }
        catch (DavException e)
        {
            put = null;
            invalid = new CollectionReply.Invalid(e.Status, e.Message, e.Condition?.ToString());
            return false;
        }
    }
}
