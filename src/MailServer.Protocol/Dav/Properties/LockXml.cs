using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Xml;

namespace MailServer.Protocol.Dav.Properties;

/// <summary>Writes a lock as an <c>activelock</c> element (RFC 4918 §14.1).</summary>
public static class LockXml
{
    public static void WriteActive(DavResource resource, DavXmlWriter output)
    {
        foreach (var active in resource.Locks) Write(active, DavUrl.HrefOf(resource.Owner, active.Root, isCollection: false), resource.Now, output);
    }

    /// <param name="active">The lock.</param>
    /// <param name="root">The URL of the lock root.</param>
    /// <param name="now">The current time, from which the remaining timeout is computed.</param>
    /// <param name="output">The destination.</param>
    public static void Write(ResourceLock active, string root, DateTimeOffset now, DavXmlWriter output)
    {
        output.Raw("<D:activelock><D:locktype><D:write/></D:locktype><D:lockscope>"u8)
            .Raw(active.Exclusive ? "<D:exclusive/>"u8 : "<D:shared/>"u8)
            .Raw("</D:lockscope><D:depth>"u8).Raw(active.Deep ? "infinity"u8 : "0"u8).Raw("</D:depth>"u8);
        if (active.Owner.Length > 0) output.Raw(active.Owner);
        output.Raw("<D:timeout>Second-"u8).Number(Math.Max(1, (long)(active.Until - now).TotalSeconds)).Raw("</D:timeout><D:locktoken>"u8).Href(active.Token).Raw("</D:locktoken><D:lockroot>"u8).Href(root).Raw("</D:lockroot></D:activelock>"u8);
    }
}
