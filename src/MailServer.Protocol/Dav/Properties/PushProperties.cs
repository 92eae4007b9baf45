namespace MailServer.Protocol.Dav.Properties;

/// <summary>The data that clients need to subscribe to a collection.</summary>
/// <param name="PublicKey">The server's VAPID public key (RFC 8292 §3.2).</param>
/// <param name="Topic">Identifies the collection in push messages.</param>
public sealed record PushCapability(string PublicKey, string Topic);

/// <summary>The properties of WebDAV-Push ("Collection Properties").</summary>
internal static class PushProperties
{
    public static IReadOnlyList<LiveProperty> All { get; } =
    [
        new(Xml.DavNames.Push + "transports", r => r.Push is not null, (r, o) => o
            .Raw("<P:web-push><P:vapid-public-key type=\"p256ecdsa\">"u8).Text(r.Push!.PublicKey).Raw("</P:vapid-public-key></P:web-push>"u8)),
        new(Xml.DavNames.Push + "topic", r => r.Push is not null, (r, o) => o.Text(r.Push!.Topic)),
        new(Xml.DavNames.Push + "supported-triggers", r => r.Push is not null, (_, o) => o
            .Raw("<P:content-update><D:sync-level>1</D:sync-level><D:depth>1</D:depth></P:content-update><P:property-update><D:depth>0</D:depth></P:property-update>"u8)),
    ];
}
