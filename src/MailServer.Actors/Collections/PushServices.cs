using MailServer.Network.Push;
using MailServer.Protocol.Dav.Push;

namespace MailServer.Actors.Collections;

/// <summary>What push messages are signed and sent with.</summary>
public sealed record PushServices(Vapid Vapid, WebPushSender Sender);
