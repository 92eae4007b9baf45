using MailServer.Configuration;
using MailServer.Network.Listeners.Proxy;
using MailServer.Web.Listeners;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MailServer.Hosting;

/// <summary>The HTTP ports other than the admin port: 443 and 8443 with DAV and client setup, 80 for what must work without TLS.</summary>
internal static class WebListeners
{
    public static void Listen(KestrelServerOptions kestrel, ServerOptions server, Node node)
    {
        foreach (var address in server.Listen)
        {
            foreach (var port in new[] { server.DavPort, server.HttpsPort }.Where(static p => p != 0))
            {
                kestrel.Listen(address, port, listen =>
                {
                    listen.Serve(WebListenerKind.Https);
                    listen.UseProxyProtocol(node.Proxy, TimeProvider.System, node.Logger);
                    node.CertificateParts.Tls.Watch(listen);
                    listen.UseHttps(node.Certificates.ForHttps());
                });
            }

            if (server.HttpPort == 0) continue;
            kestrel.Listen(address, server.HttpPort, listen =>
            {
                listen.Serve(WebListenerKind.PlainHttp);
                listen.UseProxyProtocol(node.Proxy, TimeProvider.System, node.Logger);
            });
        }
    }
}
