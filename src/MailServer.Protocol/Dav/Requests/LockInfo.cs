using System.Xml.Linq;
using MailServer.Domain;
using static MailServer.Protocol.Dav.Xml.DavNames;

namespace MailServer.Protocol.Dav.Requests;

/// <summary>The body of LOCK (RFC 4918 §14.11).</summary>
/// <param name="Exclusive">True for an exclusive lock, false for a shared lock.</param>
/// <param name="Owner">The owner element as XML; empty if there is none.</param>
public sealed record LockInfo(bool Exclusive, string Owner)
{
    public static LockInfo Parse(XElement root, Limits limits)
    {
        var scope = root.Element(WebDav + "lockscope");
        var exclusive = scope?.Element(WebDav + "exclusive") is not null;
        var known = root.Name == WebDav + "lockinfo"
            && exclusive != (scope?.Element(WebDav + "shared") is not null)
            && root.Element(WebDav + "locktype")?.Element(WebDav + "write") is not null;
        if (!known) throw DavException.BadRequest("a lock must be an exclusive or shared write lock");
        var owner = root.Element(WebDav + "owner") is { } element ? PropertyUpdate.ToStored(element, limits) : "";
        return new LockInfo(exclusive, owner);
    }
}
