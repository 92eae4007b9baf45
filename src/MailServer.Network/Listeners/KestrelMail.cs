using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace MailServer.Network.Listeners;

/// <summary>Lets Kestrel serve mail beside HTTP.</summary>
public static class KestrelMail
{
    private const int TransportBuffer = 64 * 1024;

    /// <summary>
    /// Adds the mail listeners. Kestrel stops accepting when the host stops, tells each <see cref="Connection.Draining"/>, and aborts what is left
    /// at the end of the host's shutdown time-out.
    /// </summary>
    public static void ListenMail(this KestrelServerOptions kestrel, IEnumerable<MailListenerOptions> listeners, MailListenerParts parts)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        foreach (var listener in listeners)
        {
            var handler = new MailConnectionHandler(listener.Kind, parts);
            kestrel.Listen(new IPEndPoint(listener.Address, listener.Port), listen => listen.Run(handler.OnConnectedAsync));
        }
    }

    /// <summary>The transport's settings, for <c>UseSockets</c>: an idle connection holds no buffer, a fast sender or slow reader at most these.</summary>
    public static void ForMail(this SocketTransportOptions transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        transport.NoDelay = true;
        transport.WaitForDataBeforeAllocatingBuffer = true;
        transport.MaxReadBufferSize = TransportBuffer;
        transport.MaxWriteBufferSize = TransportBuffer;
        transport.Backlog = 1024;
    }
}
