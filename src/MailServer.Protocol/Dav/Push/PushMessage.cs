using System.Text;
using MailServer.Domain.Collections;

namespace MailServer.Protocol.Dav.Push;

/// <summary>Writes the message to a subscriber (WebDAV-Push, "Push Message"): the topic of the collection and its current sync token.</summary>
public static class PushMessage
{
    public static byte[] Write(string topic, SyncToken token, bool properties) => Encoding.UTF8.GetBytes(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<P:push-message xmlns:D=\"DAV:\" xmlns:P=\"https://bitfire.at/webdav-push\">"
        + $"<P:topic>{topic}</P:topic><P:content-update><D:sync-token>{token}</D:sync-token></P:content-update>{(properties ? "<P:property-update/>" : "")}</P:push-message>");
}
