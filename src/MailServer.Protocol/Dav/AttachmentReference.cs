using MailServer.Domain;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Dav;

/// <summary>Which managed attachment an ATTACH property refers to: by MANAGED-ID, or by URL if a client dropped the parameter.</summary>
public static class AttachmentReference
{
    /// <summary>The attachment that a URL of this server names; null for other properties.</summary>
    public static string? IdInUrlOf(ContentLine attach)
    {
        ArgumentNullException.ThrowIfNull(attach);
        if (attach.Parameter("VALUE")?.Equals("BINARY", StringComparison.OrdinalIgnoreCase) == true) return null;
        return DavUrl.PathOf(attach.Text) is { } path && DavUrl.TryParse(path, Limits.Default, out var target) && target is DavTarget.Attachment attachment ? attachment.Id : null;
    }

    /// <summary>True if the property refers to the attachment.</summary>
    public static bool Names(ContentLine attach, string id)
    {
        ArgumentNullException.ThrowIfNull(attach);
        return attach.Parameter("MANAGED-ID") == id || IdInUrlOf(attach) == id;
    }
}
