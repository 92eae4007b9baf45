using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Xml;

namespace MailServer.Protocol.Dav;

/// <summary>A lock as RFC 4918 §14.1 shows it.</summary>
public static class LockXml
{
    public static void WriteActive(DavResource resource, XmlOut output)
    {
        foreach (var active in resource.Locks) Write(active, DavUrl.HrefOf(resource.Owner, active.Root, isCollection: false), resource.Now, output);
    }

    /// <param name="active">The lock.</param>
    /// <param name="root">The URL that was locked.</param>
    /// <param name="now">From when on the rest of its time counts.</param>
    /// <param name="output">Where to.</param>
    public static void Write(ResourceLock active, string root, DateTimeOffset now, XmlOut output)
    {
        output.Raw("<D:activelock><D:locktype><D:write/></D:locktype><D:lockscope>"u8)
            .Raw(active.Exclusive ? "<D:exclusive/>"u8 : "<D:shared/>"u8)
            .Raw("</D:lockscope><D:depth>"u8).Raw(active.Deep ? "infinity"u8 : "0"u8).Raw("</D:depth>"u8);
        if (active.Owner.Length > 0) output.Raw(active.Owner);
        output.Raw("<D:timeout>Second-"u8).Number(Math.Max(1, (long)(active.Until - now).TotalSeconds)).Raw("</D:timeout><D:locktoken>"u8).Href(active.Token).Raw("</D:locktoken><D:lockroot>"u8).Href(root).Raw("</D:lockroot></D:activelock>"u8);
    }
}
