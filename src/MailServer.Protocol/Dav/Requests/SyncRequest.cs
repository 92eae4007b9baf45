using System.Globalization;
using System.Xml.Linq;
using static MailServer.Protocol.Dav.Xml.DavNames;
using SyncToken = MailServer.Protocol.Dav.SyncToken;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>The body of a sync-collection report (RFC 6578 §6.1).</summary>
/// <param name="Token">Null at the first synchronisation.</param>
/// <param name="Limit">How many responses the client wants at most.</param>
/// <param name="Properties">What it wants of each.</param>
public sealed record SyncRequest(SyncToken? Token, int? Limit, IReadOnlyList<XElement> Properties)
{
    public static SyncRequest Parse(XElement root)
    {
        var text = root.Element(Dav + "sync-token")?.Value.Trim() ?? "";
        SyncToken? token = null;
        if (text.Length > 0)
        {
            if (!SyncToken.TryParse(text, out var parsed)) throw DavFault.Forbidden(Dav + "valid-sync-token");
            token = parsed;
        }

        var level = root.Element(Dav + "sync-level")?.Value.Trim() ?? "1";
        if (level is not ("1" or "infinite")) throw DavFault.BadRequest("sync-level is 1 or infinite");
        int? limit = null;
        if (root.Element(Dav + "limit")?.Element(Dav + "nresults")?.Value is { } number)
        {
            if (!int.TryParse(number.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value == 0) throw DavFault.BadRequest("nresults is a number");
            limit = value;
        }

        return new SyncRequest(token, limit, [.. root.Elements(Prop).Elements()]);
    }
}
