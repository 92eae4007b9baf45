using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Xml;

namespace MailServer.Protocol.Dav;

/// <summary>A lock as RFC 4918 §14.1 shows it.</summary>
public static class LockXml
{
    public static void WriteActive(DavResource resource, XmlOut output)
    {
        foreach (var active in resource.Locks) Write(active, DavUrl.HrefOf(resource.Owner, active.Root, isCollection: false), TimeSpan.Zero, output);
    }

    /// <param name="active">The lock.</param>
    /// <param name="root">The URL that was locked.</param>
    /// <param name="left">How long it lasts; zero where the clock is not asked.</param>
    /// <param name="output">Where to.</param>
    public static void Write(ResourceLock active, string root, TimeSpan left, XmlOut output)
    {
        output.Raw("<D:activelock><D:locktype><D:write/></D:locktype><D:lockscope>"u8)
            .Raw(active.Exclusive ? "<D:exclusive/>"u8 : "<D:shared/>"u8)
            .Raw("</D:lockscope><D:depth>"u8).Raw(active.Deep ? "infinity"u8 : "0"u8).Raw("</D:depth>"u8);
        if (active.Owner.Length > 0) output.Raw(active.Owner);
        if (left > TimeSpan.Zero) output.Raw("<D:timeout>Second-"u8).Number((long)left.TotalSeconds).Raw("</D:timeout>"u8);
        else output.Raw("<D:timeout>Infinite</D:timeout>"u8);
        output.Raw("<D:locktoken>"u8).Href(active.Token).Raw("</D:locktoken><D:lockroot>"u8).Href(root).Raw("</D:lockroot></D:activelock>"u8);
    }
}
