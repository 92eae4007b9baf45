using System.Net;
using MailServer.Network.Listeners.Proxy;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MailServer.Network.Listeners;

/// <summary>Configures Kestrel to serve mail protocols in addition to HTTP.</summary>
public static class KestrelMailExtensions
{
    /// <summary>Uses <see cref="SocketListenerFactory"/> as Kestrel's transport, for every port. Requires a <see cref="TimeProvider"/>.</summary>
    public static IServiceCollection AddMailTransport(this IServiceCollection services) =>
        services.AddSingleton<IConnectionListenerFactory, SocketListenerFactory>();

    /// <summary>
    /// Adds the mail listeners. When the host stops, Kestrel stops accepting and aborts connections that are still open at the end of the host's shutdown
    /// time-out.
    /// </summary>
    public static void ListenMail(this KestrelServerOptions kestrel, IEnumerable<MailListenerOptions> listeners, MailListenerServices parts)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        var log = parts.Loggers.CreateLogger(typeof(ProxyProtocol));
        foreach (var listener in listeners)
        {
            var handler = new MailConnectionHandler(listener.Kind, parts);
            kestrel.Listen(new IPEndPoint(listener.Address, listener.Port), listen =>
            {
                listen.UseProxyProtocol(parts.Proxy, parts.Time, log);
                listen.Run(handler.OnConnectedAsync);
            });
        }
    }
}
