using System.Globalization;
using System.Xml.Linq;
using MailServer.Domain.Collections;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>The body of a sync-collection report (RFC 6578 §6.1).</summary>
/// <param name="Token">The last sync token; null for an initial synchronization.</param>
/// <param name="Limit">The largest number of responses; null if unlimited.</param>
/// <param name="Properties">The requested properties of each resource.</param>
public sealed record SyncCollectionRequest(SyncToken? Token, int? Limit, IReadOnlyList<XElement> Properties)
{
    public static SyncCollectionRequest Parse(XElement root)
    {
        var text = root.Element(SyncTokenName)?.Value.Trim() ?? "";
        SyncToken? token = null;
        if (text.Length > 0)
        {
            if (!SyncToken.TryParse(text, out var parsed)) throw DavException.Forbidden(WebDav + "valid-sync-token");
            token = parsed;
        }

        var level = root.Element(WebDav + "sync-level")?.Value.Trim() ?? "1";
        if (level is not ("1" or "infinite")) throw DavException.BadRequest("sync-level must be 1 or infinite");
        int? limit = null;
        if (root.Element(WebDav + "limit")?.Element(WebDav + "nresults")?.Value is { } number)
        {
            if (!int.TryParse(number.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value == 0) throw DavException.BadRequest("nresults must be a positive number");
            limit = value;
        }

        return new SyncCollectionRequest(token, limit, RequestedProperties.Named(root));
    }
}
