using MailServer.Configuration;
using MailServer.Network.Certificates;
using MailServer.Network.Listeners.Proxy;
using MailServer.Web.Autoconfig;
using MailServer.Web.WellKnown;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MailServer.Hosting;

/// <summary>The HTTP ports beside the administrator's: 443 and 8443 with DAV and client set-up, 80 with what must be had without TLS.</summary>
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
                    listen.UseProxyProtocol(node.Proxy, TimeProvider.System, node.Logger);
                    node.CertificateParts.Tls.Watch(listen);
                    listen.UseHttps(node.Certificates.ForHttps());
                });
            }

            if (server.HttpPort != 0) kestrel.Listen(address, server.HttpPort, listen => listen.UseProxyProtocol(node.Proxy, TimeProvider.System, node.Logger));
        }
    }

    /// <summary>Whether a request came to a port that DAV is served on.</summary>
    public static bool IsDav(HttpContext http, ServerOptions server)
    {
        var port = http.Connection.LocalPort;
        return port != 0 && (port == server.DavPort || port == server.HttpsPort);
    }

    public static void Use(IApplicationBuilder app, MailServerOptions options, Node node)
    {
        var settings = Settings(options, node);
        if (options.Server.HttpPort != 0)
        {
            var plain = new PlainHttp
            {
                Port = options.Server.HttpPort,
                HttpsPort = settings.HttpsPort,
                Hostname = options.Server.Hostname,
                Challenge = node.CertificateParts.Http.Answer,
            };
            app.UsePlainHttp(plain, (http, next) => ClientSetup.AnswerPlainAsync(http, settings, next));
        }

        app.UseWhen(http => IsDav(http, options.Server), web => web.UseClientSetup(settings));
    }

    public static ClientSettings Settings(MailServerOptions options, Node node) => new()
    {
        Hostname = options.Server.Hostname,
        ImapsPort = options.Server.ImapsPort,
        ImapPort = options.Server.ImapPort,
        SubmissionsPort = options.Server.SmtpsPort,
        SubmissionPort = options.Server.SubmissionPort,
        HttpsPort = options.Server.HttpsPort != 0 ? options.Server.HttpsPort : options.Server.DavPort,
        IsHosted = node.Services.Directory.IsHostedAsync,
        Sign = content => CertificateSignature.Sign(content, node.Certificates.Select(options.Server.Hostname)),
    };
}
