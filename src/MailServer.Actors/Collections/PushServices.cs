using MailServer.Network.Push;
using MailServer.Protocol.Dav.Push;

namespace MailServer.Actors.Collections;

/// <summary>The VAPID key and the sender of push messages.</summary>
public sealed record PushServices(VapidSigner Vapid, WebPushSender Sender);
